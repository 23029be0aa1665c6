/** Where a primitive is defined: random valid applications, described before their elements are drawn. */
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { DType, Shape, Tensor } from '../src/index.js'
import type { AnyPrimitive, Params, Primitive } from '../src/extend.js'
import { isReal } from '../src/index.js'
import { anyNumbers, eighths, list, numbers, shapes, tensorOf } from './arbitrary.js'
import type { ShapeOptions } from './arbitrary.js'
import {
  arbitrary,
  callable,
  check,
  checkAll,
  dtype as aDtype,
  offset as anOffset,
  having,
  listOf,
  optionsOf,
  orNull,
  positiveWhole,
  record,
  shape as aShape,
} from './check.js'

/** One operand before its elements are drawn. */
export interface Operand {
  readonly shape: Shape
  readonly dtype: DType
  /** All elements at once, so that an operand may have distinct ones. */
  readonly fill: (size: number) => Arbitrary<readonly number[]>
}

/** Parameters and operands that fit together. */
export interface Site<P extends Params = Params> {
  readonly params: P
  readonly operands: readonly Operand[]
}

/** A primitive applied: inputs and parameters. */
export interface Application<P extends Params = Params> {
  readonly params: P
  readonly inputs: readonly Tensor[]
}

/** The applications on which the laws try one primitive. */
export interface Domain<P extends Params = Params> {
  /**
   * Where it is differentiable: float inputs are float64 and at least 8/1000 away from every kink, jump and pole.
   * `null` for a primitive without a derivative that a difference could see.
   */
  readonly smooth: Arbitrary<Site<P>> | null
  /** Where it has a value: every dtype it takes, every form of its parameters, empty and odd shapes, NaN, infinities, ties. */
  readonly values: Arbitrary<Site<P>>
  /** Tensors large enough that a backend would split, block or thread them. */
  readonly large?: readonly Site<P>[]
  /** For collectives: the named axis, of the leading size of the operands, inside which the primitive is applied. */
  readonly axisName?: string
  /** `false` for a primitive that refuses to be differentiated: the laws of tangents are not tried. */
  readonly differentiable?: false
  /** `true` where the parameters fix the dtypes, so that smooth sites cannot be tried in float32. */
  readonly fixed?: boolean
}

/** A domain whose type of parameters is not known here. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are contravariant: only `any` accepts every domain
export type AnyDomain = Domain<any>

/** The parameters of a primitive. */
export type ParamsOf<T> = T extends Primitive<infer P> ? P : never

/** A domain for each primitive of a registry; one that is missing does not compile. */
export type Domains<T extends Readonly<Record<string, AnyPrimitive>>> = { readonly [K in keyof T]: Domain<ParamsOf<T[K]>> }

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

/** An operand whose elements are drawn one by one. */
export const operand = (shape: Shape, dtype: DType, of?: Arbitrary<number>): Operand => {
  checkAll('operand', { shape: [aShape, shape], dtype: [aDtype, dtype] })
  const drawn = of === undefined ? numbers(dtype) : check('operand', 'of', arbitrary, of)
  return { shape, dtype, fill: (n) => list(drawn, n) }
}

/** An operand whose elements are all different, at least 1/8 apart, and `offset` off the grid. */
export const distinct = (shape: Shape, dtype: DType = 'float64', offset = 0): Operand => {
  checkAll('distinct', { shape: [aShape, shape], dtype: [aDtype, dtype], offset: [anOffset, offset] })
  return {
    shape,
    dtype,
    fill: (n) => {
      const grid = Array.from({ length: n }, (_, i) => (i - Math.floor(n / 2)) / (isReal(dtype) ? 8 : 1) + offset)
      return fc.shuffledSubarray(grid, { minLength: n, maxLength: n })
    },
  }
}

const anOperand = having('an operand', "operand([3], 'float64')", 'fill')

/** A site without parameters to choose. */
export const site = <P extends Params>(params: P, operands: readonly Operand[]): Site<P> => {
  checkAll('site', { params: [record, params], operands: [listOf(anOperand), operands] })
  return { params, operands }
}

/** `count` draws of the elements of a site's operands. */
export const draws = <P extends Params>(of: Site<P>, count: number): Arbitrary<readonly (readonly Tensor[])[]> =>
  fc.tuple(
    ...Array.from({ length: count }, () =>
      fc.tuple(...of.operands.map((o) => o.fill(sizeOf(o.shape)).map((v) => tensorOf(v, o.shape, o.dtype)))),
    ),
  )

/** The applications at the sites of a domain. */
export const applications = <P extends Params>(sites: Arbitrary<Site<P>>): Arbitrary<Application<P>> => {
  check('applications', 'sites', arbitrary, sites)
  return sites.chain((s) => draws(s, 1).map(([inputs]) => ({ params: s.params, inputs: inputs! })))
}

/** A site's operands filled with a repeated short sample: for tensors too large to be drawn element by element. */
export const tiled = <P extends Params>({ params, operands }: Site<P>): Arbitrary<Application<P>> =>
  fc.tuple(...operands.map((o) => (sizeOf(o.shape) <= 997 ? o.fill(sizeOf(o.shape)) : o.fill(997)))).map((fills) => ({
    params,
    inputs: operands.map((o, k) => {
      const v = fills[k]!
      return tensorOf(
        Array.from({ length: sizeOf(o.shape) }, (_, i) => v[i % v.length]!),
        o.shape,
        o.dtype,
      )
    }),
  }))

/** The parameters of primitives that take none. */
export type None = Readonly<Record<string, unknown>>

/** The dtypes with derivatives. */
export const floats: readonly DType[] = ['float64', 'float32']
/** The floats and the integers. */
export const arithmetic: readonly DType[] = ['float64', 'float32', 'int32', 'uint32']
/** Every dtype. */
export const all: readonly DType[] = ['float64', 'float32', 'int32', 'uint32', 'bool']

/** What `elementwise` makes a domain of. */
export interface ElementwiseOptions<P extends Params> {
  readonly params?: Arbitrary<P>
  /** The numbers of each input where the derivative is asked for; `null` for none. */
  readonly smooth?: readonly Arbitrary<number>[] | null
  /** Dtypes of the inputs. */
  readonly dtypes?: readonly DType[]
  /** The numbers of each input for a dtype; edge values included by default. */
  readonly values?: (dtype: DType, input: number) => Arbitrary<number>
  readonly shapes?: ShapeOptions
}

const elementwiseOf = optionsOf<ElementwiseOptions<Params>>({
  params: arbitrary,
  smooth: orNull(listOf(arbitrary)),
  dtypes: listOf(aDtype),
  values: callable,
  shapes: record,
})

/**
 * The domain of a primitive that maps `arity` tensors of one shape and dtype to one, element by element.
 *
 * @example
 * laws.primitive(primitives.tanh, elementwise(1), { numRuns: 5 })
 */
export const elementwise = <P extends Params = None>(arity: number, options?: ElementwiseOptions<P>): Domain<P> => {
  check('elementwise', 'arity', positiveWhole, arity)
  const {
    params,
    smooth = Array.from({ length: arity }, () => eighths()),
    dtypes = floats,
    values = anyNumbers,
    shapes: shape = {},
  } = elementwiseOf('elementwise', options) as ElementwiseOptions<P>
  const parameters = params ?? (fc.constant({}) as Arbitrary<Params> as Arbitrary<P>)
  const inputs = Array.from({ length: arity }, (_, k) => k)
  return {
    smooth:
      smooth === null
        ? null
        : fc.tuple(parameters, shapes({ maxSize: 3, ...shape })).map(([p, sh]) =>
            site(
              p,
              inputs.map((k) => operand(sh, 'float64', smooth[k])),
            ),
          ),
    values: fc.tuple(parameters, shapes(shape), fc.constantFrom(...dtypes)).map(([p, sh, d]) =>
      site(
        p,
        inputs.map((k) => operand(sh, d, values(d, k))),
      ),
    ),
  }
}

/** Large elementwise sites: an odd number of elements in each dtype. */
export const largeElementwise = <P extends Params>(params: P, arity: number, dtypes: readonly DType[] = floats): readonly Site<P>[] =>
  dtypes.map((d) =>
    site(
      params,
      Array.from({ length: arity }, () => operand([67, 501], d)),
    ),
  )
