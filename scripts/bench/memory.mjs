// Solves one 512 x 512 crossbar with wires and prints the peak resident size of its process in MB.
import { prepareSolver } from '../../dist/crossbar/wires.js'
import { testArray } from './wires.mjs'

const { g, v } = testArray(512, 512, 1)
prepareSolver(g, { wordSegment: 2, bitSegment: 2, driver: 0, sense: 0 }).solve(v)
console.log(process.resourceUsage().maxRSS / 1024)
