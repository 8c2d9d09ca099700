// What a Monte Carlo run of chips spends its time on: draws, encoder layers, conversion, decoder.
export { decide, present } from './_conversion'
export { drawCells, drawVectors } from './_draws'
export { filterActivate, filterDecide, filterLimit, filterSums } from './_filter'
export { elementary } from './_functions'
export { integerLayer, integerShape, integerSums, levelWords, wordValues } from './_integer'
export { activate, addNoise, addWeighted, affine, gather, noiseDrive, periphery, scatter } from './_layers'
