/** This subpath of mathjs loads in 0.1 s, the package's main entry in 1 s or more. What is used of it: mathjs.ts. */
declare module 'mathjs/lib/browser/math.js' {
  const math: unknown
  export default math
}
