/** Primitives that the backend knows by name, as kernels. */
import { cumulativeRoutine } from './cumulative.js'
import { dynamicUpdateSliceRoutine } from './dynamicUpdateSlice.js'
import type { Routine } from './routine.js'
import { scatterRoutine } from './scatter.js'
import { sortRoutine } from './sort.js'

/** By name. */
export const routines: Readonly<Record<string, Routine | undefined>> = {
  sort: sortRoutine,
  scatter: scatterRoutine,
  scatterReduce: scatterRoutine,
  dynamicUpdateSlice: dynamicUpdateSliceRoutine,
  cumsum: cumulativeRoutine,
  cumprod: cumulativeRoutine,
  cummax: cumulativeRoutine,
  cummin: cumulativeRoutine,
}
