// Runs a study into a folder and prints its peak resident size in MB: node study-memory.mjs CHIPS WORKERS
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deploy, readMatrix, readNetwork, readProfile, runStudy } from '../../dist/index.js'

const [chips, workers] = process.argv.slice(2).map(Number)
const network = await readNetwork('examples/vqcs_n20_I4/model.onnx')
const [inputs, truth] = [await readMatrix('examples/vqcs_n20_I4/y.npy'), await readMatrix('examples/vqcs_n20_I4/x.npy')]
const head = (m, rows) => ({ rows, cols: m.cols, data: m.data.slice(0, rows * m.cols) })
const deployment = deploy(network, await readProfile('reram-1t1r'), { calibration: inputs })
const home = mkdtempSync(join(tmpdir(), 'ohmbit-bench-'))
try {
  await runStudy(deployment, {
    ...{ chips, workers, inputs: head(inputs, 20), truth: head(truth, 20), require: 'nmseDb <= -2' },
    folder: join(home, 'study'),
  })
  console.log(process.resourceUsage().maxRSS / 1024)
} finally {
  rmSync(home, { recursive: true })
}
