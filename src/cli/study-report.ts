/** Figures and the page of a study, as files of its folder. */
import { engine } from '../numerics/kernels/module.ts'
import type { StudyResult } from '../study/result.ts'
import { STUDY_FILE, sha256, studyFiles } from '../study/store/study-file.ts'
import type { Study } from '../study/study.ts'
import { version } from './version.ts'

/**
 * index.html, and under figures/ each figure as SVG with its Vega-Lite specification beside it.
 *
 * @returns files by name; the same study gives the same bytes
 */
export async function studyReport(study: Study, result: StudyResult): Promise<ReadonlyMap<string, string>> {
  // Drawing takes a second to load, and only a finished study needs it.
  const [{ studyTileMap }, { studyFigures }, { reportFiles }] = await Promise.all([
    import('../study/analysis/tile-map.ts'),
    import('../report/study/figures.ts'),
    import('../report/study/page.ts'),
  ])
  const kernels = engine()
  const files = studyFiles(study, version, kernels === 'relaxed' ? 'simd' : kernels)
  const figures = await studyFigures(result, studyTileMap(study))
  return reportFiles(result, figures, {
    version,
    specification: specificationText(study),
    files: [...files].map(([path, content]) => ({ path, sha256: sha256(content) })).sort((a, b) => order(a) - order(b)),
    profile: study.profile,
  })
}

/** What names the others comes first. */
const order = ({ path }: { readonly path: string }): number => Number(path !== STUDY_FILE)

/** What was asked for, without the vectors and the list of points. */
function specificationText(study: Study): string {
  const { networks, profile, points, ...rest } = study
  const short = {
    ...rest,
    profile: profile.id,
    networks: networks.map(({ name, inputs, scales, adaptedTo }) => ({
      name,
      vectors: inputs.rows,
      signalRangesFrom: scales.origin,
      ...(adaptedTo === undefined ? {} : { adaptedTo }),
    })),
    points: points.length,
  }
  return JSON.stringify(short, null, 2)
}
