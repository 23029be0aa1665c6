/**
 * `adjoint/laws`: what must be true of functions, primitives, backends, layers, optimizers, metrics, data sets and formats, as laws
 * to check one's own against. A law takes a subject, what to draw inputs from, and options; it throws a `LawError` with
 * the smallest input for which it does not hold. Needs fast-check, and no test runner.
 *
 * @example
 * import { checkGrads, laws } from 'adjoint/laws'
 * checkGrads((x: Tensor) => np.sum(np.tanh(x)), [np.array([0.5, -1])])
 * laws.primitive(primitives.tanh, elementwise(1), { numRuns: 5 })
 */
export type { ShapeOptions } from './arbitrary.js'
export {
  anyDtype,
  anyNumbers,
  directions,
  edges,
  eighths,
  list,
  numbers,
  shapes,
  stream,
  tensor,
  tensorOf,
  tensors,
  trees,
} from './arbitrary.js'
export type { CheckGradsOptions } from './checkGrads.js'
export { checkGrads } from './checkGrads.js'
export type { Bound, Closeness, Gap } from './compare.js'
export { expectAllClose, expectClose, showTensor, ulpDistance } from './compare.js'
export type { TensorFunction } from './difference.js'
export { difference, step } from './difference.js'
export type { CheckOptions, Mode, Point } from './derivative.js'
export { checkPoint } from './derivative.js'
export type { AnyDomain, Application, Domain, Domains, ElementwiseOptions, None, Operand, ParamsOf, Site } from './domain.js'
export { applications, distinct, elementwise, operand, site } from './domain.js'
export { controlDomains } from './domains/control.js'
export { domains } from './domains/index.js'
export type { LawOptions } from './law.js'
export { forAll, LawError } from './law.js'
export type { RandomProgram, Wrapper } from './program.js'
export { programPoints, programs, subjectsOf } from './program.js'
export type { Points } from './points.js'
export { pointsOf } from './points.js'
export { expectSame } from './same.js'
export { tolerance, ulps } from './tolerance.js'
export * as laws from './laws.js'
