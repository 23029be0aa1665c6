/** What generators of vector code are given: the module they add functions to, and what the machine can do. */
import type { Body, Callee, Local } from '../code.js'
import type { ModuleBuilder } from '../module.js'
import type { Node, Operand } from './node.js'
import { callNode, D, F, ref, write } from './node.js'

/** What the machine can do beyond plain SIMD. */
export interface Capabilities {
  /** Relaxed SIMD is there, and its multiply-add rounds once. */
  readonly fma: boolean
  /** Pairs of vectors become one of twice the width, where loops carry none but their accumulators. */
  readonly wide?: boolean
}

/** The surroundings of generated code. */
export interface MathContext extends Capabilities {
  readonly module: ModuleBuilder
  /** Functions of the module by name, made when first called. */
  readonly functions: Map<string, Callee>
}

/** A function of one vector, as inlined code. */
export type InlineUnary = (c: MathContext, b: Body, x: Node) => Node
/** A function of two vectors, as inlined code. */
export type InlineBinary = (c: MathContext, b: Body, x: Node, y: Node) => Node

/** A function of three vectors, as inlined code. */
export type Ternary = (c: MathContext, b: Body, x: Node, y: Node, z: Node) => Node

/** A function that is written for the usual arguments; where `rare` holds, `otherwise` is computed too, from the `value`, and taken. */
export interface Guarded {
  readonly value: Node
  readonly rare: Node
  readonly otherwise: (value: Node) => Node
}

/** Calls for `f` instead of inlining: one function of the module, named `name`. */
export const called =
  (name: string, f: InlineUnary): InlineUnary =>
  (c, b, x) => {
    let callee = c.functions.get(name)
    if (callee === undefined) {
      callee = c.module.func(null, ['v128'], 'v128', (body, p) => body.return(write(body, f(c, body, ref(p)))))
      c.functions.set(name, callee)
    }
    return held(b, callNode(callee, x))
  }

/** Calls for `f` of two operands instead of inlining. */
export const called2 =
  (name: string, f: InlineBinary): InlineBinary =>
  (c, b, x, y) => {
    let callee = c.functions.get(name)
    if (callee === undefined) {
      callee = c.module.func(null, ['v128', 'v128'], 'v128', (body, p, q) => body.return(write(body, f(c, body, ref(p), ref(q)))))
      c.functions.set(name, callee)
    }
    return held(b, callNode(callee, x, y))
  }

const held = (b: Body, x: Node): Node => ref(write(b, x))

/** A mutable local that starts as `x`. */
export const variable = (b: Body, x: Node): Local<'v128'> => {
  const start = write(b, x)
  return b.let(start)
}

type Madd = (x: Operand, y: Operand, z: Operand) => Node

/** Horner's scheme: `c[0] + c[1] x + ...`. */
const horner = (madd: Madd, x: Node, c: readonly number[]): Node => {
  let y: Operand = c[c.length - 1]!
  for (let i = c.length - 2; i >= 0; i--) y = madd(y, x, c[i]!)
  return y as Node
}

/** A polynomial in float32 lanes, coefficients from the constant up. */
export const poly32 = (c: MathContext, x: Node, coefficients: readonly number[]): Node => horner(F.madd(c.fma), x, coefficients)
/** A polynomial in float64 lanes, coefficients from the constant up. */
export const poly64 = (c: MathContext, x: Node, coefficients: readonly number[]): Node => horner(D.madd(c.fma), x, coefficients)
