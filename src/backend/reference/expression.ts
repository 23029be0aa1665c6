/** Expressions compiled to a sequence of loops over registers, evaluated chunk by chunk. */
import type { Aval } from '../../core/aval.js'
import type { DType, TypedArray } from '../../core/dtype.js'
import { dtypes, isReal } from '../../core/dtype.js'
import { DeviceError, fail } from '../../core/errors.js'
import { stridesOf, type Shape } from '../../core/shape.js'
import type { Expr } from '../../kernel/scalar.js'
import { nodesOf, operandsOf } from '../../kernel/scalar.js'
import { affine } from './affine.js'
import { bitcastLoop, castLoop, compareLoops, copyLoop, selectLoop } from './convert.js'
import { floatLoops, nextafterLoops } from './float.js'
import { boolLoops, signedLoops, unsignedLoops } from './integer.js'
import type { Loop } from './loop.js'
import { chunk, scratch } from './loop.js'
import { reader } from './strided.js'

/** Evaluates one operation for positions `start .. start + n - 1` of the iteration, from registers to a register. */
export type Evaluation = (registers: TypedArray[], n: number, start: number) => void

/** Registers: first the inputs, then the outputs, then constants and intermediate results, which are filled in already. */
export interface Sequence {
  readonly steps: readonly Evaluation[]
  readonly registers: readonly (TypedArray | undefined)[]
  /** The one operation of a sequence of one elementwise loop without constants, and the inputs that it reads. */
  readonly single: { readonly loop: Loop; readonly operands: readonly number[] } | undefined
}

/** The space over which an expression with `index` and `load` is evaluated, row-major. */
export interface Space {
  readonly sizes: Shape
  readonly inputs: readonly Aval[]
}

const operation = (e: Expr): Loop => {
  const op = e.op
  const of = 'x' in e ? e.x.dtype : e.dtype
  switch (op) {
    case 'cast':
      return castLoop(of, e.dtype)
    case 'bitcast':
      return bitcastLoop
    case 'select':
      return selectLoop
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return compareLoops[op]
    case 'input':
    case 'const':
    case 'index':
    case 'load':
      return copyLoop
    case 'nextafter':
      if (of === 'float32' || of === 'float64') return nextafterLoops[of]
      break
    default: {
      const loops = isReal(of) ? floatLoops : of === 'int32' ? signedLoops : of === 'uint32' ? unsignedLoops : boolLoops
      const loop = loops[op]
      if (loop !== undefined) return loop
    }
  }
  return fail(DeviceError, `reference: no operation ${op} on ${of}`)
}

/** Position on one axis: `(p / inner) mod size` for consecutive positions `p`. */
const indexStep = (out: number, sizes: Shape, axis: number): Evaluation => {
  const size = sizes[axis]!
  const inner = sizes.slice(axis + 1).reduce((n, k) => n * k, 1)
  return (r, n, start) => {
    const o = r[out]!
    let i = Math.floor(start / inner) % size
    let left = inner - (start % inner)
    for (let at = 0; at < n; at++) {
      o[at] = i
      if (--left === 0) {
        left = inner
        if (++i === size) i = 0
      }
    }
  }
}

/** A load whose indices are all affine in the loop axes: a walk. */
const walkOf = (e: Extract<Expr, { op: 'load' }>, space: Space) => {
  const strides = stridesOf(space.inputs[e.input]!.shape)
  const coefficients = new Array<number>(space.sizes.length).fill(0)
  let offset = 0
  for (let k = 0; k < e.at.length; k++) {
    const index = affine(e.at[k]!, space.sizes.length)
    if (index === null) return null
    offset += index.constant * strides[k]!
    index.coefficients.forEach((c, axis) => {
      coefficients[axis]! += c * strides[k]!
    })
  }
  return { sizes: space.sizes, strides: coefficients, offset }
}

/** The walk of a bare load, when `e` is one that affine indices describe. */
export const plainLoad = (
  e: Expr,
  space: Space,
): { readonly input: number; readonly walk: NonNullable<ReturnType<typeof walkOf>> } | null => {
  const walk = e.op === 'load' ? walkOf(e, space) : null
  return e.op === 'load' && walk !== null ? { input: e.input, walk } : null
}

const flat = new Float64Array(chunk)

/** A load at computed indices. An index outside the array reads 0: `select` has chosen the other side there. */
const gatherStep =
  (out: number, input: number, at: readonly number[], strides: readonly number[]): Evaluation =>
  (r, n) => {
    const o = r[out]!
    const a = r[input]!
    flat.fill(0, 0, n)
    for (let k = 0; k < at.length; k++) {
      const index = r[at[k]!]!
      const stride = strides[k]!
      for (let i = 0; i < n; i++) flat[i]! += index[i]! * stride
    }
    for (let i = 0; i < n; i++) {
      const p = flat[i]!
      o[i] = p >= 0 && p < a.length ? a[p]! : 0
    }
  }

/**
 * Compiles `roots` to steps over registers `[...inputs, ...outputs, ...others]`. With `space`, inputs are whole arrays read
 * by loads; without, they are the elements at the positions of the chunk. `constants` are arrays of at most `chunk` elements.
 */
export const sequence = (roots: readonly Expr[], inputs: number, size: number, space?: Space): Sequence => {
  const width = Math.min(size, chunk)
  const registers: (TypedArray | undefined)[] = new Array<undefined>(inputs + roots.length).fill(undefined)
  const free = new Map<DType, number[]>()
  const made = new Map<DType, number>()
  const at = new Map<Expr, number>()
  const steps: Evaluation[] = []
  let single: Sequence['single']

  const walks = new Map<Expr, ReturnType<typeof walkOf>>()
  const leaf = (e: Expr): boolean => {
    if (e.op !== 'load' || space === undefined) return e.op === 'load'
    if (!walks.has(e)) walks.set(e, walkOf(e, space))
    return walks.get(e) !== null
  }
  const nodes = nodesOf(roots, leaf)
  const uses = new Map<Expr, number>()
  for (const e of nodes) if (!leaf(e)) for (const x of operandsOf<Expr>(e)) uses.set(x, (uses.get(x) ?? 0) + 1)

  const temporary = (dtype: DType): number => {
    const reusable = free.get(dtype)?.pop()
    if (reusable !== undefined) return reusable
    const k = made.get(dtype) ?? 0
    made.set(dtype, k + 1)
    registers.push(scratch(dtype, k))
    return registers.length - 1
  }
  const release = (e: Expr): void => {
    const left = uses.get(e)! - 1
    uses.set(e, left)
    if (left > 0 || e.op === 'input' || e.op === 'const' || roots.includes(e)) return
    const list = free.get(e.dtype)
    if (list === undefined) free.set(e.dtype, [at.get(e)!])
    else list.push(at.get(e)!)
  }
  const place = (e: Expr): number => {
    const output = roots.indexOf(e)
    return output >= 0 ? inputs + output : temporary(e.dtype)
  }
  const constant = (value: number, dtype: DType): number => {
    const values = dtypes[dtype].make(width)
    registers.push(values.fill(dtype === 'bool' && value !== 0 ? 1 : value))
    return registers.length - 1
  }

  for (const e of nodes) {
    if (e.op === 'input') at.set(e, e.index)
    else if (e.op === 'const') at.set(e, constant(e.value, e.dtype))
    else if (e.op === 'index') {
      const o = place(e)
      at.set(e, o)
      steps.push(indexStep(o, space?.sizes ?? [size], e.axis))
    } else if (e.op === 'load') {
      const input = space!.inputs[e.input]!
      const walk = walks.get(e)
      const o = place(e)
      at.set(e, o)
      if (walk !== null && walk !== undefined) {
        const read = reader(walk, input.size)
        steps.push((r, n, start) => {
          read(r[o]!, n, r[e.input]!, start)
        })
      } else {
        steps.push(
          gatherStep(
            o,
            e.input,
            e.at.map((x) => at.get(x)!),
            stridesOf(input.shape),
          ),
        )
        e.at.forEach(release)
      }
    } else {
      const loop = operation(e)
      const inputsOf = operandsOf<Expr>(e)
      const [a = 0, b = a, c = a] = inputsOf.map((x) => at.get(x)!)
      inputsOf.forEach(release)
      const o = place(e)
      at.set(e, o)
      steps.push((r, n) => {
        loop(r[o]!, n, r[a]!, r[b]!, r[c]!)
      })
      single = { loop, operands: inputsOf.map((x) => at.get(x)!) }
    }
  }
  // An output that is an input, a constant or another output as well.
  roots.forEach((e, k) => {
    const from = at.get(e)!
    if (from === inputs + k) return
    steps.push((r, n) => {
      copyLoop(r[inputs + k]!, n, r[from]!, r[from]!, r[from]!)
    })
    single = { loop: copyLoop, operands: [from] }
  })
  const plain = steps.length === 1 && single?.operands.every((r) => r < inputs) === true && roots.length === 1
  return { steps, registers, single: plain ? single : undefined }
}
