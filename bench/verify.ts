/** Right results: from the workload itself, or from the reference backend in float64. */
import { readFileSync } from 'node:fs'
import { adjoint, onReference, tensorOf } from './adapters/adjoint.js'
import { listed } from './adapters/adapter.js'
import { widened, type Values } from './inputs.js'
import { all, errorOf, type Expected } from './oracle.js'
import type { OutputFile } from './protocol.js'
import type { Workload } from './workload.js'

/** What every library should compute from these inputs; null when there is nothing to compare. */
export const expectedOf = async (w: Workload, inputs: Readonly<Record<string, Values>>): Promise<Expected | null> => {
  const wide = Object.fromEntries(Object.entries(inputs).map(([name, v]) => [name, widened(v)]))
  if (w.expected !== undefined) return w.expected(wide)
  const adapter = await onReference()
  const library = await adjoint()
  const tensors = Object.fromEntries(Object.entries(wide).map(([name, v]) => [name, tensorOf(library, v, w.inputs[name]!)]))
  const made = adapter.program(w, tensors)
  if (made === undefined) return null
  const program = typeof made === 'function' ? { call: made } : made
  if (program.figure !== undefined) return null
  const result = program.call()
  return (program.check?.(result) ?? listed(result)).map((t) => all(Float64Array.from(t.toTypedArray() as ArrayLike<number>)))
}

const types: Readonly<Record<string, new (b: ArrayBuffer) => ArrayLike<number>>> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
}

/** The error of outputs that a library wrote. */
export const errorOfFiles = (files: readonly OutputFile[], want: Expected): number =>
  errorOf(
    files.map(({ path, dtype }) => {
      const bytes = readFileSync(path)
      const type = types[dtype]
      return type === undefined ? [] : new type(new Uint8Array(bytes).buffer)
    }),
    want,
  )
