/** Random trees of tensors of every dtype, with the numbers that formats get wrong. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType, Tensor } from '../../src/index.js'
import { np } from '../../src/index.js'

const elements: Readonly<Record<DType, Arbitrary<number>>> = {
  bool: fc.integer({ min: 0, max: 1 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  float32: fc.float(),
  float64: fc.double(),
}

const arrays = { bool: Uint8Array, int32: Int32Array, uint32: Uint32Array, float32: Float32Array, float64: Float64Array }

/** Tensors of every dtype, of 0 to 3 axes, some of them empty. */
export const anyTensor: Arbitrary<Tensor> = fc
  .tuple(
    fc.constantFrom<DType>('bool', 'int32', 'uint32', 'float32', 'float64'),
    fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  )
  .chain(([dtype, shape]) => {
    const n = shape.reduce((a, b) => a * b, 1)
    return fc
      .array(elements[dtype], { minLength: n, maxLength: n })
      .map((values) => np.reshape(np.array(arrays[dtype].from(values), { dtype }), shape))
  })

/** Keys of records, strange ones among them. */
const key = fc.oneof(
  fc.constantFrom('w', 'b', '0', '1', '10', '__proto__', 'constructor', 'größe', ' ', '.npy', 'a.npy', '*'),
  fc.string({ minLength: 1, maxLength: 5 }).map((s) => s.replaceAll(/[/\0]/g, '-')),
)

const record = <T>(value: Arbitrary<T>): Arbitrary<Record<string, T>> =>
  fc.uniqueArray(fc.tuple(key, value), { maxLength: 4, selector: ([k]) => k }).map((entries) => Object.fromEntries(entries))

/** Trees of tensors: records in records. */
export const weightTrees: Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, anyTensor, record(tie('node'))),
  root: record(tie('node')),
})).root

/** Trees of everything that a tree may hold. */
export const anyTrees: Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    anyTensor,
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie('node'), { maxLength: 3 }),
    record(tie('node')),
  ),
})).node
