/**
 * Scalar expressions. A primitive that works element by element lowers to one; loop nests contain them. Every backend reads the same
 * data: `reference` evaluates it, compilers emit code from it. Which operations there are is in `operations`.
 */
import type { DType } from '../core/dtype.js'
import { isDouble } from '../core/dtype.js'
import type { BinaryOp, CompareOp, ConvertOp, TernaryOp, UnaryOp } from './operations.js'
import { operations } from './operations.js'

/** A scalar expression; a directed acyclic graph, so sharing a node shares its value. */
export type Expr =
  /** The element of input `index` at the point of the iteration (elementwise lowering only). */
  | { readonly op: 'input'; readonly index: number; readonly dtype: DType }
  | { readonly op: 'const'; readonly value: number; readonly dtype: DType }
  /** The position on loop axis `axis` (first the parallel axes, then the reduced ones); int32. */
  | { readonly op: 'index'; readonly axis: number; readonly dtype: 'int32' }
  /** The element of input `input` at row-major multi-index `at` (int32 expressions, in range wherever it is evaluated). */
  | { readonly op: 'load'; readonly input: number; readonly at: readonly Expr[]; readonly dtype: DType }
  | { readonly op: UnaryOp; readonly x: Expr; readonly dtype: DType }
  | { readonly op: BinaryOp | CompareOp; readonly x: Expr; readonly y: Expr; readonly dtype: DType }
  | { readonly op: TernaryOp; readonly x: Expr; readonly y: Expr; readonly z: Expr; readonly dtype: DType }
  /** `test ? x : y`; only the chosen side is evaluated, so it guards loads. */
  | { readonly op: 'select'; readonly test: Expr; readonly x: Expr; readonly y: Expr; readonly dtype: DType }
  /** `cast`: to bool `x != 0`; float to integer truncates and saturates, NaN to 0; integer to integer wraps. `bitcast`: the same bits. */
  | { readonly op: ConvertOp; readonly x: Expr; readonly dtype: DType }

/** A node with operands of type `T`: expressions, or positions of values in a list. */
type Node<T> = { readonly op: string; readonly x?: T; readonly y?: T; readonly z?: T; readonly test?: T; readonly at?: readonly T[] }

/** The operands of a node, in the order in which they are evaluated: a test first. */
export const operandsOf = <T>({ test, x, y, z, at }: Node<T>): readonly T[] =>
  at !== undefined
    ? test === undefined
      ? at
      : [test, ...at]
    : x === undefined
      ? []
      : test !== undefined
        ? [test, x, y!]
        : y === undefined
          ? [x]
          : z === undefined
            ? [x, y]
            : [x, y, z]

/** The node with other operands: `f` of each. */
export const withOperands = <T, U>(node: Node<T>, f: (x: T) => U): Node<U> => {
  const { test, x, y, z, at, ...rest } = node
  return {
    ...rest,
    ...(at === undefined ? {} : { at: at.map(f) }),
    ...(test === undefined ? {} : { test: f(test) }),
    ...(x === undefined ? {} : { x: f(x) }),
    ...(y === undefined ? {} : { y: f(y) }),
    ...(z === undefined ? {} : { z: f(z) }),
  }
}

/** The nodes under `roots`, operands before what is made of them, each once. Expressions may be deep, so it does not recurse. */
export const nodesOf = (roots: readonly Expr[], isLeaf: (e: Expr) => boolean = () => false): readonly Expr[] => {
  const done = new Set<Expr>()
  const stack = [...roots].reverse()
  while (stack.length > 0) {
    const e = stack[stack.length - 1]!
    const missing = isLeaf(e) ? [] : operandsOf<Expr>(e).filter((x) => !done.has(x))
    if (missing.length > 0) stack.push(...[...missing].reverse())
    else {
      stack.pop()
      done.add(e)
    }
  }
  return [...done]
}

type Constructors = Readonly<
  Record<UnaryOp, (x: Expr) => Expr> &
    Record<BinaryOp | CompareOp, (x: Expr, y: Expr) => Expr> &
    Record<TernaryOp, (x: Expr, y: Expr, z: Expr) => Expr>
>

const constructors = (): Constructors => {
  const made: Record<string, unknown> = {}
  for (const op of operations.unary) made[op] = (x: Expr): Expr => ({ op, x, dtype: x.dtype })
  for (const op of operations.binary) made[op] = (x: Expr, y: Expr): Expr => ({ op, x, y, dtype: x.dtype })
  for (const op of operations.ternary) made[op] = (x: Expr, y: Expr, z: Expr): Expr => ({ op, x, y, z, dtype: x.dtype })
  for (const op of operations.compare) made[op] = (x: Expr, y: Expr): Expr => ({ op, x, y, dtype: 'bool' })
  return made as Constructors
}

/** Constructors of expressions, one per operation. */
export const s = {
  .../* @__PURE__ */ constructors(),
  input: (index: number, dtype: DType): Expr => ({ op: 'input', index, dtype }),
  const: (value: number, dtype: DType): Expr => ({ op: 'const', value, dtype }),
  /** A constant of `x`'s dtype. */
  like: (x: Expr, value: number): Expr => ({ op: 'const', value, dtype: x.dtype }),
  int: (value: number): Expr => ({ op: 'const', value, dtype: 'int32' }),
  index: (axis: number): Expr => ({ op: 'index', axis, dtype: 'int32' }),
  load: (input: number, at: readonly Expr[], dtype: DType): Expr => ({ op: 'load', input, at, dtype }),
  select: (test: Expr, x: Expr, y: Expr): Expr => ({ op: 'select', test, x, y, dtype: x.dtype }),
  cast: (x: Expr, dtype: DType): Expr => (x.dtype === dtype ? x : { op: 'cast', x, dtype }),
  bitcast: (x: Expr, dtype: DType): Expr => ({ op: 'bitcast', x, dtype }),
} as const

/** `x` held above -Infinity, so that `x` times a vanished factor is -0, not NaN. */
export const finite = (x: Expr): Expr => s.max(x, s.like(x, isDouble(x.dtype) ? -Number.MAX_VALUE : -3.4028234663852886e38))
