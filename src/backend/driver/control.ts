/** Control flow on whatever machine: the Programs of a form are compiled like any other, and driven from here. */
import { aligned } from '../../compile/arena.js'
import type { ControlForm, Equation, Program } from '../../ir/primitive.js'
import type { Allocator, Code, Task } from './allocator.js'
import type { Later, Soon } from './later.js'
import { andThen, attempt, repeat } from './later.js'

type Form<K extends ControlForm['kind']> = Extract<ControlForm, { readonly kind: K }>
type Compile<A> = (program: Program) => Code<A>

/** Frees blocks of given sizes. */
const release = <A>(memory: Allocator<A>, blocks: readonly A[], sizes: readonly number[]): void => {
  blocks.forEach((block, k) => {
    memory.free(block, sizes[k]!)
  })
}

/** Copies the results of a Program into the places they belong to and frees their blocks. */
const deliver =
  <A>(memory: Allocator<A>, outputs: readonly A[], sizes: readonly number[]) =>
  (results: readonly A[]): void => {
    results.forEach((from, k) => {
      memory.copy(outputs[k]!, from, sizes[k]!)
    })
    release(memory, results, sizes)
  }

/** Bytes of the blocks of some values. */
const blocksOf = <A>({ align }: Allocator<A>, sizes: readonly number[]): number =>
  sizes.reduce((n, bytes) => n + aligned(Math.max(bytes, 1), align), 0)
const sizesOf = <A>({ bytesOf }: Allocator<A>, { outputs }: Equation): readonly number[] => outputs.map((v) => bytesOf(v.aval))

const call = <A>({ program }: Form<'call'>, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  const code = compile(program)
  const sizes = sizesOf(memory, e)
  return { scratch: 0, beyond: code.most, run: (inputs, outputs) => andThen(code(inputs), deliver(memory, outputs, sizes)) }
}

const cond = <A>(form: Form<'cond'>, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  const branches = form.branches.map(compile)
  const sizes = sizesOf(memory, e)
  const { aval } = e.inputs[0]!
  return {
    scratch: 0,
    beyond: Math.max(...branches.map((b) => b.most)),
    run: ([index, ...operands], outputs) => {
      const chosen = (n: number): Soon<readonly A[]> => branches[Math.min(Math.max(n, 0), branches.length - 1)]!(operands)
      return andThen(andThen(memory.get(index!, aval), chosen), deliver(memory, outputs, sizes))
    },
  }
}

const whileLoop = <A>(form: Form<'while'>, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  const [test, body] = [compile(form.cond), compile(form.body)]
  const a = form.condConsts
  const b = a + form.bodyConsts
  const sizes = sizesOf(memory, e)
  const { aval } = form.cond.outputs[0]!
  const verdictBytes = memory.bytesOf(aval)
  const verdictOf = ([verdict]: readonly A[]): Soon<boolean> => {
    const free = (): void => {
      memory.free(verdict!, verdictBytes)
    }
    return andThen(
      attempt(() => memory.get(verdict!, aval), free),
      (goes) => {
        free()
        return goes !== 0
      },
    )
  }
  const run = (inputs: readonly A[], outputs: readonly A[]): Later => {
    let carry: readonly A[] = inputs.slice(b)
    /** Whether the carry is in blocks of this loop. */
    let own = false
    const drop = (): void => {
      if (own) release(memory, carry, sizes)
    }
    const keep = (next: readonly A[]): boolean => {
      drop()
      carry = next
      own = true
      return true
    }
    const step = (): Soon<boolean> =>
      andThen(
        andThen(test([...inputs.slice(0, a), ...carry]), verdictOf),
        (goes) => goes && andThen(body([...inputs.slice(a, b), ...carry]), keep),
      )
    return andThen(
      attempt(() => repeat(step), drop),
      () => {
        carry.forEach((block, k) => {
          memory.copy(outputs[k]!, block, sizes[k]!)
        })
        drop()
      },
    )
  }
  return { scratch: 0, beyond: blocksOf(memory, sizes) + Math.max(test.most, body.most), run }
}

const scan = <A>(form: Form<'scan'>, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  const { length, reverse, consts, carry: carried } = form
  const body = compile(form.body)
  const first = consts + carried
  const { bytesOf } = memory
  const widths = e.inputs.slice(first).map((x) => (length === 0 ? 0 : bytesOf(x.aval) / length))
  const sizes = e.outputs.map((v, k) => (k < carried ? bytesOf(v.aval) : length === 0 ? 0 : bytesOf(v.aval) / length))
  const run = (inputs: readonly A[], outputs: readonly A[]): Later => {
    const given = [...inputs]
    let done = 0
    /** After the first step the carry is in blocks of this loop. */
    const drop = (): void => {
      if (done > 0) for (let k = 0; k < carried; k++) memory.free(given[consts + k]!, sizes[k]!)
    }
    const keep = (results: readonly A[]): boolean => {
      const t = reverse ? length - 1 - done : done
      drop()
      for (let k = 0; k < carried; k++) given[consts + k] = results[k]!
      for (let k = carried; k < results.length; k++) {
        memory.copy(memory.at(outputs[k]!, t * sizes[k]!), results[k]!, sizes[k]!)
        memory.free(results[k]!, sizes[k]!)
      }
      done++
      return true
    }
    const step = (): Soon<boolean> => {
      if (done === length) return false
      const t = reverse ? length - 1 - done : done
      for (let k = 0; k < widths.length; k++) given[first + k] = memory.at(inputs[first + k]!, t * widths[k]!)
      return andThen(body(given), keep)
    }
    return andThen(
      attempt(() => repeat(step), drop),
      () => {
        for (let k = 0; k < carried; k++) memory.copy(outputs[k]!, given[consts + k]!, sizes[k]!)
        drop()
      },
    )
  }
  return { scratch: 0, beyond: blocksOf(memory, sizes.slice(0, carried)) + body.most, run }
}

/** The task of an equation that holds Programs in `form`. */
export const controlTask = <A>(form: ControlForm, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  switch (form.kind) {
    case 'call':
      return call(form, e, memory, compile)
    case 'cond':
      return cond(form, e, memory, compile)
    case 'while':
      return whileLoop(form, e, memory, compile)
    case 'scan':
      return scan(form, e, memory, compile)
  }
}
