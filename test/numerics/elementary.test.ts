// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: tabulated values
import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { cosTwoPi, exp, log, sigmoid, tanh } from '../../src/numerics/elementary.ts'
import { kernel } from '../../src/numerics/kernels/module.ts'

/** Values of 50 digits, rounded to double (mpmath). */
const exact: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>> = {
  log: [
    [1.1102230246251565e-16, -36.7368005696771],
    [2.2250738585072014e-308, -708.3964185322641],
    [1e-300, -690.7755278982137],
    [1e308, 709.1962086421661],
    [0.9999999999999999, -1.1102230246251565e-16],
    [1.0000000000000002, 2.2204460492503128e-16],
    [0.7071067811865476, -0.3465735902799726],
    [0.7071067811865475, -0.34657359027997275],
    [1.4142135623730951, 0.3465735902799727],
    [3.0, 1.0986122886681098],
    [0.23796462709189137, -1.4356332420208728],
    [0.5442292252959519, -0.6083847508482914],
    [0.36995516654807925, -0.9943734521774029],
    [0.6039200385961945, -0.5043134762413206],
    [0.625720304108054, -0.4688518062756862],
    [0.06552885923981311, -2.7252646342950886],
    [0.013167991554874137, -4.329966276384647],
    [0.83746908209646, -0.17737093286411035],
    [0.25935401432800764, -1.3495612998853632],
    [0.23433096104669637, -1.4510207994468864],
    [0.9956448355104628, -0.004364675844124417],
    [0.47026350752244794, -0.7544620870828564],
    [0.8364614512743888, -0.17857484297111711],
    [0.47635320869933495, -0.7415956648399962],
  ],
  cosTwoPi: [
    [1.1102230246251565e-16, 1.0],
    [0.2499999999999999, 6.975736996017264e-16],
    [0.2500000000000001, -6.975736996017264e-16],
    [0.7500000000000001, 6.975736996017264e-16],
    [0.125, 0.7071067811865476],
    [0.9999999999999999, 1.0],
    [0.499999999999, -1.0],
    [0.6390681405441619, -0.6419244282631565],
    [0.15061642402352393, 0.5846474425901369],
    [0.6348606582851885, -0.6619683413901686],
    [0.8680453071432968, 0.6755427309563538],
    [0.5231812103833013, -0.9894115096453417],
    [0.7412518562014903, -0.05493853467221983],
    [0.6714114753695926, -0.47396325129139744],
    [0.0640314382269973, 0.9201545205093603],
    [0.7582302462868173, 0.05168911796468463],
    [0.5910995829313176, -0.8406058392150934],
    [0.3012676595157123, -0.3165822200227431],
    [0.031011751469749993, 0.9810762237223001],
    [0.8655272369789456, 0.6637931457824977],
    [0.47274908866546683, -0.9853772006784408],
  ],
  exp: [
    [1e-300, 1.0],
    [-1e-9, 0.999999999],
    [1.0, 2.718281828459045],
    [-1.0, 0.36787944117144233],
    [709.78, 1.7928227943945155e308],
    [-708.3, 2.450295530965988e-308],
    [0.34657359027997264, 1.414213562373095],
    [-0.34657359027997264, 0.7071067811865476],
    [100.5, 4.4319559098458955e43],
    [17.505913925264245, 40061002.997271694],
    [30.305024020438537, 14497886852704.156],
    [17.1303586888962, 27518214.50161801],
    [33.68789340670996, 427037696178879.2],
    [-8.402927679940486, 0.00022420994738854848],
    [24.072701678818262, 28486658129.899963],
    [-4.430315515939149, 0.011910731054374237],
    [34.84693773636168, 1360920544120276.8],
    [30.309332827043335, 14560490219373.74],
    [-32.20365522152982, 1.0330711660788403e-14],
    [-29.122491183946487, 2.2504158581354312e-13],
    [-22.641044701349013, 1.4693295797923298e-10],
    [37.23841111185624, 1.4874297403612166e16],
    [-5.107050669805659, 0.00605391160363022],
  ],
  tanh: [
    [1e-300, 1e-300],
    [1e-8, 1e-8],
    [0.1, 0.09966799462495582],
    [0.17328679513998632, 0.1715728752538099],
    [0.17328679513998635, 0.17157287525380993],
    [0.2, 0.197375320224904],
    [0.5, 0.46211715726000974],
    [0.51986, 0.4775919525646212],
    [0.625, 0.5545997223493823],
    [1.0, 0.7615941559557649],
    [5.0, 0.9999092042625951],
    [18.9, 0.9999999999999999],
    [19.05, 0.9999999999999999],
    [0.759889745200824, 0.6410120142768676],
    [-1.1938428094469677, -0.831766874955703],
    [0.04345790297435714, 0.04343056558184726],
    [-0.6848024469305845, -0.5946326214551328],
    [-0.8945370673789199, -0.7136274504431577],
    [0.5104446444321811, 0.4702915719133735],
    [0.5055107578211935, 0.46644002780570376],
    [2.4252106250866508, 0.9844713518458404],
    [1.0918928198098001, 0.7975679541692335],
    [2.573673607200102, 0.9884376136203267],
    [2.138403398380534, 0.9726065408537221],
    [2.945937869212891, 0.9944916300948018],
    [1.0276412529751093, 0.77296059860065],
    [-2.0214022681735813, -0.9655088790903326],
    [2.1638251986976096, 0.9739468187573377],
    [2.787797683854368, 0.9924501700947024],
  ],
  sigmoid: [
    [-700.0, 9.85967654375977e-305],
    [-1.0, 0.2689414213699951],
    [0.0, 0.5],
    [1e-8, 0.5000000025],
    [1.0, 0.7310585786300049],
    [36.0, 0.9999999999999998],
    [16.187839380489464, 0.9999999067367291],
    [2.7643001389729385, 0.9407159055613389],
    [8.55268080696797, 0.9998070103148445],
    [-11.55500065297607, 9.587884949341928e-6],
    [13.264317210934166, 0.9999982646803866],
    [2.94129409405139, 0.9498504063756859],
    [-8.601701520551792, 0.00018375902664776809],
    [-17.461576914190825, 2.6093569291253583e-8],
    [14.15769953690721, 0.9999992897865279],
    [19.59224059686325, 0.9999999969011681],
  ],
}
const functions = { log, cosTwoPi, exp, tanh, sigmoid }
type Name = keyof typeof functions
const NAMES = ['log', 'cosTwoPi', 'exp', 'tanh', 'sigmoid'] as const

const relative = (y: number, wanted: number) => (y === wanted ? 0 : Math.abs(y - wanted) / Math.abs(wanted))

/** The kernel's function on a batch. */
function batch(name: Name, xs: readonly number[]): Float64Array {
  const k = kernel('chip')!
  const even = xs.length + (xs.length % 2)
  const [address] = k.layout([8 * even]) as [number]
  k.f64(address, even).set(xs)
  k.exports['elementary']!(NAMES.indexOf(name), even, address)
  return k.f64(address, xs.length).slice()
}

describe('values', () => {
  for (const name of NAMES)
    it(`${name} is within 1e-15 of the exact value`, () => {
      for (const [x, y] of exact[name]!) expect(relative(functions[name](x), y)).toBeLessThanOrEqual(1e-15)
    })

  it('Math agrees on a fine grid', () => {
    let worst = 0
    let worstCos = 0
    for (let i = 1; i < 40_000; i++) {
      const x = (i - 20_000) / 1000
      worst = Math.max(
        worst,
        relative(log(i / 8000), Math.log(i / 8000)),
        relative(tanh(x), Math.tanh(x)),
        relative(exp(30 * x), Math.exp(30 * x)),
      )
      worstCos = Math.max(worstCos, Math.abs(cosTwoPi(i / 40_000) - Math.cos((2 * Math.PI * i) / 40_000)))
    }
    expect(worst).toBeLessThanOrEqual(1e-15)
    // The argument of Math.cos is off by a rounding of 2 pi u.
    expect(worstCos).toBeLessThanOrEqual(2e-15)
  })
})

describe('symmetry and ends', () => {
  prop.prop([fc.double({ noNaN: true })])('tanh is odd to the last bit and never leaves [-1, 1]', (x) => {
    expect(Object.is(tanh(-x), -tanh(x))).toBe(true)
    expect(Math.abs(tanh(x))).toBeLessThanOrEqual(1)
  })

  it('tanh saturates, keeps the sign of zero and hands on what is no number', () => {
    for (const x of [19.1, 25, 1e300, Infinity]) expect(tanh(x)).toBe(1)
    expect(Object.is(tanh(-0), -0)).toBe(true)
    expect(tanh(5e-324)).toBe(5e-324)
    expect(tanh(Number.NaN)).toBeNaN()
  })

  it('exp has its ends', () => {
    expect([exp(0), exp(-0), exp(Infinity), exp(-Infinity), exp(800), exp(-800)]).toEqual([
      1,
      1,
      Infinity,
      0,
      Infinity,
      0,
    ])
    expect(exp(Number.NaN)).toBeNaN()
    expect(sigmoid(-Infinity)).toBe(0)
    expect(sigmoid(Infinity)).toBe(1)
  })

  it('whole and quarter turns are exact', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((u) => cosTwoPi(u) + 0)).toEqual([1, 0, -1, 0, 1])
    expect(log(1)).toBe(0)
  })
})

describe('the kernel gives the same bits', () => {
  const domains: Readonly<Record<Name, fc.Arbitrary<number>>> = {
    log: fc.oneof(
      fc.double({ min: 2 ** -1022, noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: 2 ** -53, max: 1 }),
    ),
    cosTwoPi: fc.double({ min: 0, max: 1, noNaN: true }),
    exp: fc.oneof(fc.double(), fc.double({ min: -750, max: 715, noNaN: true })),
    tanh: fc.oneof(fc.double(), fc.double({ min: -21, max: 21, noNaN: true })),
    sigmoid: fc.oneof(fc.double(), fc.double({ min: -750, max: 750, noNaN: true })),
  }
  for (const name of NAMES)
    prop.prop([fc.array(domains[name], { minLength: 1, maxLength: 400 })])(name, (xs) => {
      const y = batch(name, xs)
      for (const [i, x] of xs.entries()) expect(Object.is(y[i], functions[name](x))).toBe(true)
    })
})
