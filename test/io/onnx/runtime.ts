/** onnxruntime-node, where it is installed (`scripts/oracles.mjs`): models run by somebody else. */
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { aval } from '../../../src/core/aval.js'
import type { DType, TypedArray } from '../../../src/core/dtype.js'
import { hostTensor, type Tensor } from '../../../src/core/tensor.js'

interface Value {
  readonly type: DType
  readonly data: TypedArray
  readonly dims: readonly number[]
}
interface Session {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, Value>>>
  release(): Promise<void>
}
interface Runtime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: unknown): Promise<Session> }
  readonly Tensor: new (type: string, data: TypedArray, dims: readonly number[]) => unknown
}

const folder = process.env['ADJOINT_ORACLES']
const runtime = folder === undefined ? undefined : (createRequire(join(resolve(folder), 'package.json'))('onnxruntime-node') as Runtime)

/** True where models can be run. */
export const installed = runtime !== undefined

/** A model's outputs by name, for inputs in the model's order. */
export const runModel = async (bytes: Uint8Array, inputs: readonly Tensor[]): Promise<ReadonlyMap<string, Tensor>> => {
  const { InferenceSession, Tensor: Input } = runtime!
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 })
  try {
    const feeds = session.inputNames.map((name, k): [string, unknown] => {
      const x = inputs[k]!
      return [name, new Input(x.dtype, x.toTypedArray(), x.shape)]
    })
    const results = await session.run(Object.fromEntries(feeds))
    return new Map(
      session.outputNames.map((name) => {
        const { type, data, dims } = results[name]!
        const own = type === 'bool' ? Uint8Array.from(data) : data.slice()
        return [name, hostTensor(aval(dims, type), own)]
      }),
    )
  } finally {
    await session.release()
  }
}
