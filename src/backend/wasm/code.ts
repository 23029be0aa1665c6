/**
 * Typed WebAssembly code as data: expressions that know their type, and bodies of statements. An expression is
 * written where it is used; `let` gives it a local, so that sharing it is sharing its value.
 */
import type { Bytes } from './bytes.js'
import { bytes } from './bytes.js'

/** Value types. */
export type Type = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

/** Encodings of the value types. */
export const typeCode: Readonly<Record<Type, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b }

/** An expression of a type. */
export interface Ex<T extends Type = Type> {
  readonly type: T
  readonly write: (out: Bytes) => void
}

/** A local variable: an expression that reads it. */
export interface Local<T extends Type = Type> extends Ex<T> {
  readonly index: number
}

/** A function of the module, to be called. */
export interface Callee {
  readonly index: number
  readonly result: Type | null
}

/** An expression of one opcode (a byte, or a 0xfd-prefixed SIMD number above 0xff) and operands. */
export const op = <T extends Type>(type: T, code: number, operands: readonly Ex[], immediate?: (out: Bytes) => void): Ex<T> => ({
  type,
  write: (out) => {
    const n = operands.length
    if (n > 0) operands[0]!.write(out)
    if (n > 1) operands[1]!.write(out)
    for (let k = 2; k < n; k++) operands[k]!.write(out)
    if (code < simd) out.byte(code)
    else opcode(out, code)
    if (immediate !== undefined) immediate(out)
  },
})

/** Marks SIMD opcodes in tables: `simd + n` is 0xfd n. */
export const simd = 0x10000
/** Marks saturating conversions and bulk memory: `misc + n` is 0xfc n. */
export const misc = 0x20000
/** Marks atomics: `atomic + n` is 0xfe n. */
export const atomic = 0x30000

/** Writes one opcode. */
export const opcode = (out: Bytes, code: number): void => {
  if (code < simd) return out.byte(code)
  out.byte(code >= atomic ? 0xfe : code >= misc ? 0xfc : 0xfd)
  out.u(code & 0xffff)
}

/** Statements of one function body. */
export interface Body {
  /** A new local of a type, zero. */
  readonly local: <T extends Type>(type: T) => Local<T>
  /** A new local that holds `x`. */
  readonly let: <T extends Type>(x: Ex<T>) => Local<T>
  /** A new local that holds `x` (constants and parameters only) from the start of the body on: for what must not be made again in a loop. */
  readonly first: <T extends Type>(x: Ex<T>) => Local<T>
  readonly set: <T extends Type>(local: Local<T>, x: Ex<T>) => void
  /** Evaluates `x` for effect: stores and calls without result. */
  readonly run: (x: Statement) => void
  /** Evaluates and forgets. */
  readonly drop: (x: Ex) => void
  readonly if: (test: Ex<'i32'>, then: () => void, otherwise?: () => void) => void
  /** Repeats `body` while `test` holds; tested first. */
  readonly while: (test: () => Ex<'i32'>, body: () => void) => void
  /** `for (i = from; i < to; i += step) body(i)`, signed comparison; `i` is the given local or a new one. */
  readonly loop: (from: Ex<'i32'>, to: Ex<'i32'>, step: number, body: (i: Local<'i32'>) => void, i?: Local<'i32'>) => void
  /** Runs `inner`; behind it every vector that it made is zero: a loop that ends so carries none of them on. */
  readonly forgetting: (inner: () => void) => void
  readonly return: (x?: Ex) => void
}

/** A store, or a call without result. */
export interface Statement {
  readonly write: (out: Bytes) => void
}

/** Writes a body; the parameters come as locals of their types. */
export type Build<P extends readonly Type[]> = (body: Body, ...params: { [K in keyof P]: Local<P[K]> }) => void

const vectorZero: Ex<'v128'> = {
  type: 'v128',
  write: (out) => {
    opcode(out, simd + 0x0c)
    out.bytes(new Uint8Array(16))
  },
}

const readOf = <T extends Type>(type: T, index: number): Local<T> => ({
  type,
  index,
  write: (out) => {
    out.byte(0x20)
    out.u(index)
  },
})

/** A body in the making: its statements are written to `code`, what comes before them to `prologue`; locals get numbers from `first` on. */
const createBody = (code: Bytes, prologue: Bytes, locals: Type[], first: number): Body => {
  const constants = new Set<number>()
  const local = <T extends Type>(type: T): Local<T> => readOf(type, first + locals.push(type) - 1)
  const set = <T extends Type>(target: Local<T>, x: Ex<T>): void => {
    x.write(code)
    code.byte(0x21)
    code.u(target.index)
  }
  const body: Body = {
    local,
    set,
    let: (x) => {
      const l = local(x.type)
      set(l, x)
      return l
    },
    first: (x) => {
      const l = local(x.type)
      constants.add(l.index)
      x.write(prologue)
      prologue.byte(0x21)
      prologue.u(l.index)
      return l
    },
    run: (x) => x.write(code),
    drop: (x) => {
      x.write(code)
      code.byte(0x1a)
    },
    if: (test, then, otherwise) => {
      test.write(code)
      code.bytes([0x04, 0x40])
      then()
      if (otherwise !== undefined) {
        code.byte(0x05)
        otherwise()
      }
      code.byte(0x0b)
    },
    while: (test, inner) => {
      code.bytes([0x02, 0x40, 0x03, 0x40])
      test().write(code)
      code.bytes([0x45, 0x0d, 0x01]) // eqz, br_if out
      inner()
      code.bytes([0x0c, 0x00, 0x0b, 0x0b])
    },
    loop: (from, to, step, inner, given) => {
      const i = given ?? local('i32')
      set(i, from)
      // The test stands at the end, as V8 unrolls best.
      i.write(code)
      to.write(code)
      code.bytes([0x48, 0x04, 0x40, 0x03, 0x40])
      inner(i)
      i.write(code)
      code.byte(0x41)
      code.s(step)
      code.bytes([0x6a, 0x22])
      code.u(i.index)
      to.write(code)
      code.bytes([0x48, 0x0d, 0x00, 0x0b, 0x0b])
    },
    forgetting: (inner) => {
      const from = locals.length
      inner()
      const made = locals.flatMap((t, k) => (k >= from && t === 'v128' && !constants.has(first + k) ? [first + k] : []))
      if (made.length === 0) return
      const zero = body.first(vectorZero)
      for (const k of made) set(readOf('v128', k), zero)
    },
    return: (x) => {
      x?.write(code)
      code.byte(0x0f)
    },
  }
  return body
}

/** The encoded code entry of a function whose parameters have types `params`. */
export const encodeBody = <const P extends readonly Type[]>(params: P, build: Build<P>, result: Type | null): Uint8Array => {
  const [prologue, code] = [bytes(), bytes(1024)]
  const locals: Type[] = []
  const body = createBody(code, prologue, locals, params.length)
  build(body, ...(params.map((t, k) => readOf(t, k)) as unknown as { [K in keyof P]: Local<P[K]> }))
  if (result !== null) code.byte(0x00) // a function with a result ends by `return`
  code.byte(0x0b)

  const [first, rest] = [prologue.done(), code.done()]
  const out = bytes(2 * locals.length + first.length + rest.length + 8)
  const runs = locals.flatMap((t, k) => (t === locals[k - 1] ? [] : [k]))
  out.u(runs.length)
  runs.forEach((k, r) => {
    out.u((runs[r + 1] ?? locals.length) - k)
    out.byte(typeCode[locals[k]!])
  })
  out.bytes(first)
  out.bytes(rest)
  return out.done()
}
