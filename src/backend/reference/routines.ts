/** The primitives that the backend knows by name. */
import { DeviceError, fail } from '../../core/errors.js'
import { splitKernel } from './concat.js'
import { convKernel } from './conv.js'
import { cumulativeRoutines } from './cumulative.js'
import { dotKernel } from './dot.js'
import type { Kernel, Routine, Site } from './kernel.js'
import { argRoutines } from './arg.js'
import { padFromKernel, sliceFromKernel } from './placed.js'
import { scatterKernel } from './scatter.js'
import { sortKernel } from './sort.js'

const routines: Readonly<Record<string, Routine>> = {
  dotGeneral: dotKernel,
  conv: convKernel,
  sort: sortKernel,
  split: splitKernel,
  sliceFrom: sliceFromKernel,
  padFrom: padFromKernel,
  scatter: scatterKernel,
  scatterReduce: scatterKernel,
  ...cumulativeRoutines,
  ...argRoutines,
}

/** The kernel of the routine called `site.name`. */
export const routineKernel = (site: Site): Kernel => {
  const routine = routines[site.name]
  return routine === undefined ? fail(DeviceError, `reference: no routine ${site.name}`) : routine(site)
}
