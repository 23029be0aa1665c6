/** Primitives that the backend knows by name. */
import type { Equation } from '../../../ir/program.js'
import { convRoutine } from '../conv/conv.js'
import { dotRoutine } from '../gemm/dot.js'
import { concatRoutine, splitRoutine } from './concat.js'
import { writeCumulative } from './cumulative.js'
import { writeUpdateSlice } from './dynamicUpdateSlice.js'
import { padFromRoutine, sliceFromRoutine } from './placed.js'
import { type Routine, type Writer, writtenTask } from './routine.js'
import { writeScatter } from './scatter.js'
import { writeSort } from './sort.js'

/** Routines that are kernels alone. */
export const writers: Readonly<Record<string, Writer | undefined>> = {
  sort: writeSort,
  scatter: writeScatter,
  scatterReduce: writeScatter,
  dynamicUpdateSlice: writeUpdateSlice,
  cumsum: writeCumulative,
  cumprod: writeCumulative,
  cummax: writeCumulative,
  cummin: writeCumulative,
}

const others: Readonly<Record<string, Routine | undefined>> = {
  dotGeneral: dotRoutine,
  conv: convRoutine,
  concat: concatRoutine,
  split: splitRoutine,
  sliceFrom: sliceFromRoutine,
  padFrom: padFromRoutine,
}

/** The code of an equation for whose primitive the backend has a routine; `null` for all others. */
export const routineOf = (e: Equation): Routine['task'] | null => {
  const { name } = e.prim
  const write = writers[name]
  if (write !== undefined) return writtenTask(write)
  const routine = others[name]
  return routine?.takes(e) === true ? routine.task : null
}
