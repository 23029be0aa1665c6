/** The primitives that the backend knows by name. */
import { splitKernel } from './concat.js'
import { convKernel } from './conv.js'
import { cumulativeRoutines } from './cumulative.js'
import { dotKernel } from './dot.js'
import type { HostKernel, HostRoutine, HostSite } from './kernel.js'
import { padFromKernel, sliceFromKernel } from './placed.js'
import { scatterKernel } from './scatter.js'
import { sortKernel } from './sort.js'

const routines: Readonly<Record<string, HostRoutine | undefined>> = {
  dotGeneral: dotKernel,
  conv: convKernel,
  sort: sortKernel,
  split: splitKernel,
  sliceFrom: sliceFromKernel,
  padFrom: padFromKernel,
  scatter: scatterKernel,
  scatterReduce: scatterKernel,
  ...cumulativeRoutines,
}

/** The kernel of the routine called `site.name`; undefined when there is none. */
export const routineKernel = (site: HostSite): HostKernel | undefined => routines[site.name]?.(site)

/** True for the names of routines. */
export const hasRoutine = (name: string): boolean => Object.hasOwn(routines, name)
