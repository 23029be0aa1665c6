/**
 * How files store numbers, and which tensors they become. What has a dtype here is kept bit for bit; narrower types widen exactly
 * (float16, bfloat16 and 8-bit floats to float32; 8- and 16-bit integers to int32); 64-bit integers become int32 or uint32 when every
 * one of them fits, and are a fault otherwise: nothing is rounded silently.
 */
import * as E from 'fp-ts/lib/Either.js'
import { aval } from '../core/aval.js'
import type { DType, TypedArray } from '../core/dtype.js'
import { dtypes } from '../core/dtype.js'
import type { Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { hostTensor } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import { bfloat16, float16, float8e4m3, float8e5m2 } from './halves.js'

/** Names of stored element types: a kind, and bits. */
export type Stored =
  'bool' | 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'f8e4m3' | 'f8e5m2' | 'f16' | 'bf16' | 'f32' | 'f64'

interface Traits {
  /** Bytes of one element. */
  readonly bytes: number
  /** What it becomes. */
  readonly dtype: DType
  /** One element at a byte; NaN for an integer that does not fit. */
  readonly read: (view: DataView, at: number, little: boolean) => number
}

const low = (view: DataView, at: number, little: boolean): number => view.getUint32(at + (little ? 0 : 4), little)
const high = (view: DataView, at: number, little: boolean): number => view.getUint32(at + (little ? 4 : 0), little)

/** A 64-bit integer as int32: its high word repeats the sign of the low one. */
const narrowed = (view: DataView, at: number, little: boolean): number => {
  const value = low(view, at, little) | 0
  return high(view, at, little) === (value >> 31) >>> 0 ? value : NaN
}

/** Every stored type. */
export const stored: Readonly<Record<Stored, Traits>> = {
  bool: { bytes: 1, dtype: 'bool', read: (v, at) => (v.getUint8(at) === 0 ? 0 : 1) },
  i8: { bytes: 1, dtype: 'int32', read: (v, at) => v.getInt8(at) },
  u8: { bytes: 1, dtype: 'int32', read: (v, at) => v.getUint8(at) },
  i16: { bytes: 2, dtype: 'int32', read: (v, at, le) => v.getInt16(at, le) },
  u16: { bytes: 2, dtype: 'int32', read: (v, at, le) => v.getUint16(at, le) },
  i32: { bytes: 4, dtype: 'int32', read: (v, at, le) => v.getInt32(at, le) },
  u32: { bytes: 4, dtype: 'uint32', read: (v, at, le) => v.getUint32(at, le) },
  i64: { bytes: 8, dtype: 'int32', read: narrowed },
  u64: { bytes: 8, dtype: 'uint32', read: (v, at, le) => (high(v, at, le) === 0 ? low(v, at, le) : NaN) },
  f8e4m3: { bytes: 1, dtype: 'float32', read: (v, at) => float8e4m3(v.getUint8(at)) },
  f8e5m2: { bytes: 1, dtype: 'float32', read: (v, at) => float8e5m2(v.getUint8(at)) },
  f16: { bytes: 2, dtype: 'float32', read: (v, at, le) => float16(v.getUint16(at, le)) },
  bf16: { bytes: 2, dtype: 'float32', read: (v, at, le) => bfloat16(v.getUint16(at, le)) },
  f32: { bytes: 4, dtype: 'float32', read: (v, at, le) => v.getFloat32(at, le) },
  f64: { bytes: 8, dtype: 'float64', read: (v, at, le) => v.getFloat64(at, le) },
}

/** The stored type that keeps a dtype bit for bit. */
export const storedAs: Readonly<Record<DType, Stored>> = { bool: 'bool', int32: 'i32', uint32: 'u32', float32: 'f32', float64: 'f64' }

/** The bytes of a typed array, little-endian as all machines here are; not copied. */
export const bytesOf = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** As stored on this machine: a copy of the bytes is the elements. Booleans are read one by one: a byte may be neither 0 nor 1. */
const plain = (type: Stored, little: boolean): boolean => little && type !== 'bool' && storedAs[stored[type].dtype] === type

/**
 * The tensor whose elements lie row-major in `bytes`, which has exactly as many as `shape` and `type` need.
 * An integer of 64 bits that fits in no dtype is `Unsupported`.
 */
export const tensorOfBytes = (type: Stored, shape: Shape, bytes: Uint8Array, little = true): E.Either<DataFault, Tensor> => {
  const { bytes: width, dtype, read } = stored[type]
  const a = aval(shape, dtype)
  const data = dtypes[dtype].make(a.size)
  if (plain(type, little)) {
    bytesOf(data).set(bytes)
    return E.right(hostTensor(a, data))
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wide = type === 'i64' || type === 'u64'
  for (let i = 0; i < a.size; i++) {
    const value = read(view, i * width, little)
    if (wide && Number.isNaN(value)) {
      const found = type === 'i64' ? view.getBigInt64(i * width, little) : view.getBigUint64(i * width, little)
      return E.left(
        fault(
          'Unsupported',
          `element ${i} is ${found}, which does not fit in ${dtype}`,
          `store it as ${dtype} or float64, if that is enough`,
        ),
      )
    }
    data[i] = value
  }
  return E.right(hostTensor(a, data))
}
