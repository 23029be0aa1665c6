/** Functions as ONNX models. */
import { overSizes } from '../../compile/onnx/batch.js'
import { graphOf } from '../../compile/onnx/graph.js'
import type { GraphProto, StoredTensor } from '../../compile/onnx/model.js'
import { withShape } from '../../core/aval.js'
import type { Aval } from '../../core/aval.js'
import { anything, check, listOf, record, text, traceable, whole } from '../../core/check.js'
import { fail, ShapeError, ValueError } from '../../core/errors.js'
import { optionsOf } from '../../core/options.js'
import type { Tensor } from '../../core/tensor.js'
import { peek } from '../../core/tensor.js'
import { cse } from '../../ir/passes/cse.js'
import { dce } from '../../ir/passes/dce.js'
import { fold } from '../../ir/passes/fold.js'
import { simplify } from '../../ir/passes/simplify.js'
import type { Program } from '../../ir/program.js'
import { trace } from '../../ir/trace.js'
import type { Args } from '../../transforms/flat.js'
import { flattenTensors, onLeaves } from '../../transforms/flat.js'
import { structurePaths } from '../../tree/path.js'
import type { Structure } from '../../tree/structure.js'
import { encodeModel, opsets } from './encode.js'

/** Options of `toOnnx`. */
export interface OnnxOptions {
  /** Names of the arguments that become inputs, in their order; `input`, or `input_0`, `input_1`, ... A leaf of a tree adds its path: `state/h`. */
  readonly inputs?: readonly string[]
  /** Names of the results: one for a tensor, one per entry for a list or a record. Records are named by their keys, the rest `output`, `output_0`, ... */
  readonly outputs?: readonly string[]
  /** Positions of arguments whose values are stored in the model, each leaf under its path (`l0/w`), and are no inputs. */
  readonly weights?: readonly number[]
  /**
   * Positions of arguments with a leading axis of any size, the same for all: `batch` in the model. `f` is traced for three large
   * multiples of the size given, so it must do the same for all sizes.
   */
  readonly batch?: readonly number[]
  /** Version of the operator set, 18 to 23; 21, which onnxruntime reads since 1.18. */
  readonly opset?: number
  /** What the model says made it; `adjoint`. */
  readonly producer?: string
  /** What the graph is called; the function's name. */
  readonly name?: string
  /** Strings that travel with the model. */
  readonly metadata?: Readonly<Record<string, string>>
}

const onnxOf = optionsOf<OnnxOptions>({
  inputs: listOf(text),
  outputs: listOf(text),
  weights: listOf(whole),
  batch: listOf(whole),
  opset: whole,
  producer: text,
  name: text,
  metadata: record,
})

const symbol = 'batch'

/** The batch is traced at these multiples of the size given: sizes that no other axis has by chance. */
const primes = [1009, 1013, 1019] as const

/** Arguments, leaf by leaf: what each is called, and whether it is stored. */
interface Leaf {
  readonly name: string
  readonly tensor: Tensor
  readonly argument: number
  readonly stored: boolean
}

const under = (root: string, path: string): string => (path === '' ? root : root === '' ? path : `${root}/${path}`)

const numbered = (root: string, n: number, k: number): string => (n === 1 ? root : `${root}_${k}`)

const checkPositions = (option: string, positions: readonly number[], count: number): void => {
  const wrong = positions.find((k) => !Number.isInteger(k) || k < 0 || k >= count)
  if (wrong !== undefined)
    fail(ValueError, `toOnnx: ${option} names argument ${wrong}, but there are ${count}`, { fix: 'positions count from 0' })
}

const leavesOf = (args: Args, { inputs, weights = [] }: OnnxOptions): readonly Leaf[] => {
  const given = args.map((_, k) => k).filter((k) => !weights.includes(k))
  if (inputs !== undefined && inputs.length !== given.length)
    fail(ValueError, `toOnnx: ${inputs.length} names for ${given.length} inputs`, {
      fix: 'one name per argument that is not among `weights`',
    })
  return args.flatMap((arg: unknown, k): Leaf[] => {
    const { leaves, structure } = flattenTensors(arg)
    const stored = weights.includes(k)
    const at = given.indexOf(k)
    const root = stored ? (weights.length > 1 ? String(k) : '') : (inputs?.[at] ?? numbered('input', given.length, at))
    const paths = structurePaths(structure)
    return leaves.map((tensor, i) => ({
      name: stored && under(root, paths[i]!) === '' ? 'weight' : under(root, paths[i]!),
      tensor,
      argument: k,
      stored,
    }))
  })
}

/** Names of a result's leaves; `_out` is added to one that is not given and is an input's: a step returns the parameters that it takes. */
const resultNames = (structure: Structure, given: readonly string[] | undefined, taken: ReadonlySet<string>): readonly string[] => {
  const alone = structure.kind !== 'list' && structure.kind !== 'record'
  const parts = alone ? [structure] : structure.children
  if (given !== undefined && given.length !== parts.length)
    fail(ValueError, `toOnnx: ${given.length} names for ${parts.length} output${parts.length === 1 ? '' : 's'}`, {
      fix: 'one name for a tensor, one per entry of a list or a record',
    })
  return parts.flatMap((part, k) => {
    const root = given?.[k] ?? (alone ? 'output' : (structure.sorted[k] ?? `output_${k}`))
    return structurePaths(part).map((path) => {
      const name = under(root, path)
      return given === undefined && taken.has(name) ? `${name}_out` : name
    })
  })
}

const checkNames = (names: readonly string[]): void => {
  const seen = new Set<string>()
  for (const name of names) {
    if (name === '') fail(ValueError, 'toOnnx: a name is empty')
    if (seen.has(name))
      fail(ValueError, `toOnnx: two values are called '${name}'`, { fix: 'other names in `inputs` or `outputs`; keys without slashes' })
    seen.add(name)
  }
}

const stored = (name: string, t: Tensor): StoredTensor => ({ name, type: t.dtype, shape: t.shape, data: () => peek(t) })

/** `a` with its leading axis made `size`. */
const resized = (a: Aval, size: number): Aval => withShape(a, [size, ...a.shape.slice(1)])

const batchSize = (leaves: readonly Leaf[], batch: readonly number[]): number => {
  const sizes = leaves.filter((l) => batch.includes(l.argument)).map((l) => l.tensor.shape[0])
  const [first] = sizes
  if (first === undefined || sizes.some((n) => n !== first))
    fail(ShapeError, `toOnnx: leading axes of the batch differ: ${sizes.map(String).join(', ')}`, {
      fix: 'arguments with one leading axis in `batch`',
    })
  return Math.max(first!, 1)
}

/**
 * `f` for arguments like `args`, as the bytes of an ONNX model (a `.onnx` file). `f` is traced, so it may contain whatever can be jitted:
 * `jit`, `vmap`, `grad`, `scan`, `cond`, `whileLoop`. Arguments may be `shapeDtype`s; those named in `weights`, and tensors that `f`
 * closes over, are stored in the model.
 *
 * Every primitive is written as operators of the standard set, in types that onnxruntime computes in. Results agree with ours within
 * rounding; where the standard leaves something open (NaN in an extreme), they are the runtime's. docs/onnx.md has the list.
 *
 * @throws DeviceError for a primitive that no model can hold (`psum` and the like outside `vmap`), naming the equation; ValueError for
 *   names that do not fit, a function that depends on the size of its batch otherwise than linearly, and a model of 2 GiB or more
 * @see https://github.com/onnx/onnx/blob/main/docs/Operators.md
 * @example
 * const model = nn.sequential(nn.dense(3, 8), nn.relu, nn.dense(8, 2))
 * const weights = model.init(random.key(0))
 * const bytes = onnx.toOnnx((p, x) => model.apply(p)(x), [weights, np.zeros([1, 3])], { weights: [0], batch: [1], inputs: ['x'], outputs: ['y'] })
 * bytes.length > 300   // true
 */
export const toOnnx = <const A extends Args = readonly Tensor[]>(
  f: (...args: A) => unknown,
  args: A,
  options: OnnxOptions = {},
): Uint8Array => {
  onnxOf('toOnnx', options)
  check('toOnnx', 'f', traceable, f)
  check('toOnnx', 'args', { ...listOf(anything), says: 'the list of arguments of f', fix: 'toOnnx(f, [x])' }, args)
  const { opset = 21, producer = 'adjoint', weights = [], batch = [], metadata = {} } = options
  if (!opsets.includes(opset))
    fail(ValueError, `toOnnx: operator set ${opset} is not supported`, { fix: `${opsets[0]} to ${opsets[opsets.length - 1]}` })
  checkPositions('weights', weights, args.length)
  checkPositions('batch', batch, args.length)
  const both = batch.find((k) => weights.includes(k))
  if (both !== undefined) fail(ValueError, `toOnnx: argument ${both} is both stored and a batch`)
  const leaves = leavesOf(args, options)
  const { structure } = flattenTensors<Args>([...args])
  const flat = onLeaves((tree: Args) => f(...(tree as A)), structure)

  const own = new Map<Tensor, StoredTensor>()
  for (const l of leaves) if (l.stored && !own.has(l.tensor)) own.set(l.tensor, stored(l.name, l.tensor))
  const graph = (avals: readonly Aval[]): GraphProto => {
    const { program, captures } = trace('toOnnx', flat.call, avals)
    // what `f` closes over is stored under the name it has among the weights, or under its number
    const constants = captures.map((t, k) => own.get(t) ?? stored(`closure_${k}`, t))
    const inputs = [...constants, ...leaves.map((l) => (l.stored ? own.get(l.tensor)! : l.name))]
    const entering = inputs
      .filter((i, k) => typeof i === 'string' || inputs.indexOf(i) === k)
      .map((i) => (typeof i === 'string' ? i : i.name))
    const names = resultNames(flat.structure(), options.outputs, new Set(entering))
    checkNames([...entering, ...names])
    const small = [simplify, fold, cse, dce].reduce<Program>((p, pass) => pass(p), program)
    return graphOf(small, { name: options.name ?? (f.name === '' ? 'f' : f.name), inputs, outputs: names }, opset)
  }

  const avals = leaves.map((l) => l.tensor.aval)
  const model = { opset, producer, metadata }
  if (batch.length === 0) return encodeModel({ graph: graph(avals), ...model })
  const size = batchSize(leaves, batch)
  const at = (n: number) => ({ size: n, graph: graph(avals.map((a, k) => (batch.includes(leaves[k]!.argument) ? resized(a, n) : a))) })
  const first = leaves.find((l) => batch.includes(l.argument))!.name
  return encodeModel({ graph: overSizes([at(size * primes[0]), at(size * primes[1]), at(size * primes[2])], first, symbol), ...model })
}
