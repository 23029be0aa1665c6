/** Einstein's summation: any sum of products, written as labels of axes. */
import { check, text } from '../core/check.js'
import { dtypes, isBool } from '../core/dtype.js'
import { fail, ShapeError, ValueError } from '../core/errors.js'
import type { Shape } from '../core/shape.js'
import { range, sizeOf } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { dotGeneral } from '../prim/dot.js'
import * as P from '../prim/elementwise.js'
import { like, reduceSum, reshape, sliceAxis, transpose } from '../prim/structure.js'
import type { TensorLike } from './lift.js'
import { as, commonKind, lift } from './lift.js'

/** One letter per axis; axes under an ellipsis are numbered from the last: `.0`, `.1`. */
type Labels = readonly string[]

/** A tensor whose axes are labelled, no label twice. */
interface Term {
  readonly x: Tensor
  readonly labels: Labels
}

const bad = (equation: string, what: string, fix?: string): never =>
  fail(ValueError, `einsum: '${equation}': ${what}`, fix === undefined ? {} : { fix })

/** One side of a term as labels; an ellipsis stands for `dots` axes. */
const parseTerm = (equation: string, text: string, dots: number): Labels => {
  const labels: string[] = []
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (/[a-zA-Z]/.test(c)) labels.push(c)
    else if (text.startsWith('...', i)) {
      for (let k = dots - 1; k >= 0; k--) labels.push(`.${k}`)
      i += 2
    } else bad(equation, `'${c}' is neither a letter nor an ellipsis`, 'letters, commas, one ->, and ... ')
  }
  return labels
}

/** The labels of all operands and of the result. */
const parse = (equation: string, shapes: readonly Shape[]): { readonly inputs: readonly Labels[]; readonly output: Labels } => {
  const parts = equation.replace(/\s/g, '').split('->')
  if (parts.length > 2) bad(equation, 'there is more than one ->')
  const texts = parts[0]!.split(',')
  if (texts.length !== shapes.length)
    bad(equation, `${texts.length} operand${texts.length === 1 ? '' : 's'} in the equation, ${shapes.length} given`)
  const dots = texts.map((text, i) => {
    const named = text.replace('...', '').length
    const rest = shapes[i]!.length - named
    if (text.includes('...') ? rest < 0 : rest !== 0)
      fail(ShapeError, `einsum: '${equation}': operand ${i} has ${shapes[i]!.length} axes, '${text}' names ${named}`, {
        fix: 'one letter per axis, or ... for the others',
      })
    return text.includes('...') ? rest : 0
  })
  const inputs = texts.map((text, i) => parseTerm(equation, text, dots[i]!))
  const most = Math.max(0, ...dots)
  if (parts[1] !== undefined) {
    const output = parseTerm(equation, parts[1], most)
    const known = new Set(inputs.flat())
    for (const l of output) if (!known.has(l)) bad(equation, `'${l}' of the result is in no operand`)
    if (new Set(output).size !== output.length)
      bad(equation, 'a label is repeated in the result', 'the diagonal of a matrix is not written by einsum')
    return { inputs, output }
  }
  const all = inputs.flat()
  const once = [...new Set(all)].filter((l) => !l.startsWith('.') && all.indexOf(l) === all.lastIndexOf(l)).sort()
  return {
    inputs,
    output: [
      ...range(most)
        .reverse()
        .map((k) => `.${k}`),
      ...once,
    ],
  }
}

/** The size of every label; sizes of 1 stretch. @throws ShapeError naming label, operands and axes. */
const sizesOf = (equation: string, inputs: readonly Labels[], xs: readonly Tensor[]): ReadonlyMap<string, number> => {
  const sizes = new Map<string, { readonly n: number; readonly where: string }>()
  inputs.forEach((labels, i) =>
    labels.forEach((l, axis) => {
      const n = xs[i]!.shape[axis]!
      const known = sizes.get(l)
      const where = `operand ${i} axis ${axis}`
      if (known === undefined || known.n === 1) sizes.set(l, { n, where })
      else if (n !== 1 && n !== known.n)
        fail(
          ShapeError,
          `einsum: '${equation}': sizes of '${l.startsWith('.') ? '...' : l}' differ: ${known.n} (${known.where}) and ${n} (${where})`,
          {
            args: Object.fromEntries(xs.map((x, k) => [`x${k}`, x])),
          },
        )
    }),
  )
  return new Map([...sizes].map(([l, { n }]) => [l, n]))
}

/** The diagonal of two axes of equal size, in the place of the first: a stride of n + 1 over both together. */
const diagonal = (x: Tensor, i: number, j: number): Tensor => {
  const n = x.shape[i]!
  const rest = range(x.ndim).filter((k) => k !== i && k !== j)
  const front = transpose(x, [i, j, ...rest])
  const line = sliceAxis(reshape(front, [n * n, ...rest.map((k) => x.shape[k]!)]), 0, 0, n * n, n + 1)
  return transpose(
    line,
    range(rest.length + 1).map((k) => (k < i ? k + 1 : k === i ? 0 : k)),
  )
}

/** Repeated labels become diagonals, and axes of size 1 that others stretch are dropped. */
const distinct = ({ x, labels }: Term, sizes: ReadonlyMap<string, number>): Term => {
  const stretched = labels.map((l, k) => x.shape[k] === 1 && sizes.get(l) !== 1)
  if (stretched.some(Boolean)) {
    const kept = range(x.ndim).filter((k) => !stretched[k])
    return distinct(
      {
        x: reshape(
          x,
          kept.map((k) => x.shape[k]!),
        ),
        labels: kept.map((k) => labels[k]!),
      },
      sizes,
    )
  }
  const j = labels.findIndex((l, k) => labels.indexOf(l) !== k)
  if (j < 0) return { x, labels }
  return distinct({ x: diagonal(x, labels.indexOf(labels[j]!), j), labels: labels.filter((_, k) => k !== j) }, sizes)
}

/** Sums over the labels that nothing else needs. */
const summed = ({ x, labels }: Term, needed: ReadonlySet<string>): Term => {
  const axes = range(x.ndim).filter((k) => !needed.has(labels[k]!))
  return { x: reduceSum(x, axes), labels: labels.filter((l) => needed.has(l)) }
}

const contract = (a: Term, b: Term, needed: ReadonlySet<string>): Term => {
  const shared = a.labels.filter((l) => b.labels.includes(l))
  const [batch, gone] = [shared.filter((l) => needed.has(l)), shared.filter((l) => !needed.has(l))]
  const at =
    (t: Term) =>
    (l: string): number =>
      t.labels.indexOf(l)
  const x = dotGeneral(a.x, b.x, {
    lhsContract: gone.map(at(a)),
    rhsContract: gone.map(at(b)),
    lhsBatch: batch.map(at(a)),
    rhsBatch: batch.map(at(b)),
  })
  const free = (t: Term): Labels => t.labels.filter((l) => !shared.includes(l))
  return { x, labels: [...batch, ...free(a), ...free(b)] }
}

/** The pair whose product is smallest compared with its factors: the greedy order of contraction. */
const cheapest = (terms: readonly Term[], output: Labels, sizes: ReadonlyMap<string, number>): readonly [number, number] => {
  let best: readonly [number, number] = [0, 1]
  let least = Infinity
  for (let i = 0; i < terms.length; i++)
    for (let j = i + 1; j < terms.length; j++) {
      const needed = needs(terms, [i, j], output)
      const labels = new Set([...terms[i]!.labels, ...terms[j]!.labels].filter((l) => needed.has(l)))
      const cost = sizeOf([...labels].map((l) => sizes.get(l)!)) - terms[i]!.x.size - terms[j]!.x.size
      if (cost < least) [best, least] = [[i, j], cost]
    }
  return best
}

/** Labels that the result or terms other than `except` have. */
const needs = (terms: readonly Term[], except: readonly number[], output: Labels): ReadonlySet<string> =>
  new Set([...output, ...terms.flatMap((t, k) => (except.includes(k) ? [] : t.labels))])

/**
 * The sum of products that `equation` describes: a letter per axis of each operand, then those of the result. Letters that
 * the result lacks are summed over; a letter twice in one operand takes the diagonal; `...` stands for axes that broadcast.
 * Without `->` the result has the letters that appear once, sorted. Operands are multiplied pairwise, the cheapest pair first.
 *
 * @throws ValueError for an equation that cannot be read; ShapeError when sizes differ.
 * @example
 * np.einsum('ij,jk->ik', np.ones([2, 3]), np.ones([3, 4])).shape    // [2, 4]
 * np.einsum('ii', np.array([[1, 2], [3, 4]]))                       // 5
 * np.einsum('...i,...i->...', np.ones([5, 3]), np.ones([3]))        // [3, 3, 3, 3, 3]
 */
export const einsum = (equation: string, ...operands: readonly TensorLike[]): Tensor => {
  check('einsum', 'equation', text, equation)
  const lifted = operands.map((x, i) => (typeof x === 'number' ? x : lift(x, 'einsum', `operands[${i}]`)))
  const kind = commonKind(lifted)
  const xs = lifted.map((x) => as(x, dtypes[kind.dtype].wide))
  const { inputs, output } = parse(
    equation,
    xs.map((x) => x.shape),
  )
  const sizes = sizesOf(equation, inputs, xs)
  let terms: readonly Term[] = xs.map((x, i) => distinct({ x, labels: inputs[i]! }, sizes))
  terms = terms.map((t, i) => summed(t, needs(terms, [i], output)))
  while (terms.length > 1) {
    const [i, j] = cheapest(terms, output, sizes)
    const rest = terms.filter((_, k) => k !== i && k !== j)
    terms = [...rest, contract(terms[i]!, terms[j]!, needs(terms, [i, j], output))]
  }
  const [{ x, labels }] = terms as readonly [Term]
  const y = transpose(
    x,
    output.map((l) => labels.indexOf(l)),
  )
  return isBool(kind.dtype) ? P.ne(y, like(y, 0)) : y
}
