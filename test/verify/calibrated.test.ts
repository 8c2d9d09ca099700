/** Compensated and calibrated chips: the netlist has the trimmed amplifiers. */
import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { verifyDeployment } from '../../src/verify/index.ts'
import { loadNetwork } from '../support/fixtures.ts'

describe('a deployment with drift compensation and output calibration', () => {
  it('its netlists, solved, equal the simulator', async () => {
    const { network } = await loadNetwork('det_R1_shq_snr12')
    const profile = await setProfileValues(await readProfile('pcm'), [
      'crossbar.driftCompensation.kind=per-output',
      'crossbar.outputCalibration.kind=gain-and-offset',
      'device.retention.model=stretched-exponential',
      'device.retention.timeConstant=1e6',
      'device.temperature.coefficient=0.001 / K',
      'environment.temperature=330 K',
      'device.faults.stuckAtMin=1 %',
      'device.faults.clustering=bit-line',
    ])
    const { checks } = await verifyDeployment(deploy(network, profile), {
      chips: 1,
      vectors: 2,
      seed: 3,
      only: ['netlist', 'threshold-table'],
    })
    expect(checks.length).toBeGreaterThan(3)
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([])
  })
})
