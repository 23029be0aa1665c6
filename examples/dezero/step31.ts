/**
 * Theory, part 2: the backward computation must itself make a graph, or it cannot be differentiated again.
 * Here it is computation like any other: `grad(f)` is a function, and traces to a Program that can be read.
 */
import { grad, np, printProgram, trace } from 'adjoint'
import { optimizeProgram } from 'adjoint/extend'
import type { Step } from './step.js'
import { float64 } from './step.js'

export const step31: Step = {
  title: 'Higher derivatives: the gradient is a program',
  run: () => printProgram(optimizeProgram(trace(grad(np.sin), float64(1)).program)).split('\n'),
}
