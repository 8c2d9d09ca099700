export { version } from '../study/version.ts'
