/** Domains of the primitives that call functions of the host: with values of every dtype, one after the other or a batch at once. */
import fc from 'fast-check'
import type { primitives } from '../../src/extend.js'
import { aval } from '../../src/extend.js'
import type { Tensor, TypedArray } from '../../src/index.js'
import { anyNumbers, shapes } from '../arbitrary.js'
import type { Domain, Operand, ParamsOf, Site } from '../domain.js'
import { all, operand } from '../domain.js'

type Pure = ParamsOf<typeof primitives.pureCallback>
type Debug = ParamsOf<typeof primitives.debugCallback>

/** Every operand the other way round, the last one first. */
const reversed = (xs: readonly Tensor[]): readonly TypedArray[] => xs.map((x) => x.toTypedArray().reverse()).reverse()
/** Each element on its own, so that a batch may be given at once. */
const filled = (xs: readonly Tensor[]): readonly TypedArray[] => xs.map((x) => x.toTypedArray().map((v) => (v === 0 ? 1 : v)))

const operands = fc
  .array(fc.record({ shape: shapes(), dtype: fc.constantFrom(...all) }), { maxLength: 3 })
  .map((list) => list.map(({ shape, dtype }): Operand => operand(shape, dtype, anyNumbers(dtype))))

const pure = (f: typeof reversed, vmapMethod: Pure['vmapMethod'], inputs: readonly Operand[], results: readonly Operand[]): Site<Pure> => ({
  params: {
    f: Object.assign((xs: readonly Tensor[]) => f(xs), { results: results.map((o) => aval(o.shape, o.dtype)) }),
    vmapMethod,
    batches: [],
  },
  operands: inputs,
})

/** Where `pureCallback` and `debugCallback` have values. */
export const callbackDomains: { readonly pureCallback: Domain<Pure>; readonly debugCallback: Domain<Debug> } = {
  pureCallback: {
    smooth: null,
    differentiable: false,
    values: fc.oneof(
      operands.map((inputs) => pure(reversed, 'sequential', inputs, [...inputs].reverse())),
      fc
        .tuple(operands, fc.constantFrom('expandDims' as const, 'broadcastAll' as const))
        .map(([[x = operand([3], 'float32')], method]) => pure(filled, method, [x], [x])),
    ),
    large: [pure(reversed, 'sequential', [operand([67, 501], 'float32')], [operand([67, 501], 'float32')])],
  },
  debugCallback: {
    smooth: null,
    values: operands.map((inputs): Site<Debug> => ({ params: { f: () => undefined, batches: [] }, operands: inputs })),
  },
}
