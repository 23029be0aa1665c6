/** Control flow on whatever machine: the Programs of a form are compiled like any other, and driven from here. */
import { inLines } from '../../compile/arena.js'
import { bytesOf } from '../../compile/cost.js'
import type { ControlForm, Equation, Program } from '../../ir/primitive.js'
import type { Allocator, Code, Task } from './allocator.js'

type Form<K extends ControlForm['kind']> = Extract<ControlForm, { readonly kind: K }>
type Compile<A> = (program: Program) => Code<A>

/** Copies the results of a Program into the places they belong to and frees their blocks. */
const deliver = <A>(memory: Allocator<A>, results: readonly A[], outputs: readonly A[], sizes: readonly number[]): void => {
  results.forEach((from, k) => {
    memory.copy(outputs[k]!, from, sizes[k]!)
    memory.free(from, sizes[k]!)
  })
}

/** Bytes of the blocks of some values. */
const blocksOf = (sizes: readonly number[]): number => sizes.reduce((n, bytes) => n + inLines(Math.max(bytes, 1)), 0)
const sizesOf = ({ outputs }: Equation): readonly number[] => outputs.map((v) => bytesOf(v.aval))

const call = <A>({ program }: Form<'call'>, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  const code = compile(program)
  const sizes = sizesOf(e)
  return { scratch: 0, beyond: code.most, run: (inputs, outputs) => deliver(memory, code(inputs), outputs, sizes) }
}

const cond = <A>(form: Form<'cond'>, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  const branches = form.branches.map(compile)
  const sizes = sizesOf(e)
  const { aval } = e.inputs[0]!
  return {
    scratch: 0,
    beyond: Math.max(...branches.map((b) => b.most)),
    run: ([index, ...operands], outputs) => {
      const chosen = memory.get(index!, aval)
      deliver(memory, branches[Math.min(Math.max(chosen, 0), branches.length - 1)]!(operands), outputs, sizes)
    },
  }
}

const whileLoop = <A>(form: Form<'while'>, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  const [test, body] = [compile(form.cond), compile(form.body)]
  const a = form.condConsts
  const b = a + form.bodyConsts
  const sizes = sizesOf(e)
  const { aval } = form.cond.outputs[0]!
  const release = (carry: readonly A[]): void => {
    carry.forEach((block, k) => {
      memory.free(block, sizes[k]!)
    })
  }
  const run: Task<A>['run'] = (inputs, outputs) => {
    let carry = inputs.slice(b)
    let own = false
    const goes = (): boolean => {
      const [verdict] = test([...inputs.slice(0, a), ...carry])
      const result = memory.get(verdict!, aval) !== 0
      memory.free(verdict!, bytesOf(aval))
      return result
    }
    // Where a step fails, what the steps before it made is free again.
    try {
      while (goes()) {
        const next = body([...inputs.slice(a, b), ...carry])
        if (own) release(carry)
        carry = next
        own = true
      }
      carry.forEach((block, k) => {
        memory.copy(outputs[k]!, block, sizes[k]!)
      })
    } finally {
      if (own) release(carry)
    }
  }
  return { scratch: 0, beyond: blocksOf(sizes) + Math.max(test.most, body.most), run }
}

const scan = <A>(form: Form<'scan'>, e: Equation, memory: Allocator<A>, compile: Compile<A>): Task<A> => {
  const { length, reverse, consts, carry: carried } = form
  const body = compile(form.body)
  const first = consts + carried
  const widths = e.inputs.slice(first).map((x) => (length === 0 ? 0 : bytesOf(x.aval) / length))
  const sizes = e.outputs.map((v, k) => (k < carried ? bytesOf(v.aval) : length === 0 ? 0 : bytesOf(v.aval) / length))
  const run: Task<A>['run'] = (inputs, outputs) => {
    const given = [...inputs]
    let own = false
    const release = (): void => {
      if (own) for (let k = 0; k < carried; k++) memory.free(given[consts + k]!, sizes[k]!)
    }
    try {
      for (let step = 0; step < length; step++) {
        const t = reverse ? length - 1 - step : step
        widths.forEach((w, k) => {
          given[first + k] = memory.at(inputs[first + k]!, t * w)
        })
        const results = body(given)
        release()
        for (let k = 0; k < carried; k++) given[consts + k] = results[k]!
        own = true
        for (let k = carried; k < results.length; k++) {
          memory.copy(memory.at(outputs[k]!, t * sizes[k]!), results[k]!, sizes[k]!)
          memory.free(results[k]!, sizes[k]!)
        }
      }
      for (let k = 0; k < carried; k++) memory.copy(outputs[k]!, given[consts + k]!, sizes[k]!)
    } finally {
      release()
    }
  }
  return { scratch: 0, beyond: blocksOf(sizes.slice(0, carried)) + body.most, run }
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
