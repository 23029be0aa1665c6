/** Primitives that hold Programs: driven from here, their Programs compiled like any other. */
import { controlOf } from '../../ir/control.js'
import type { ControlForm, Equation } from '../../ir/primitive.js'
import { inLines } from '../../compile/arena.js'
import type { Run, Task } from './kernel.js'
import type { Machine } from './machine.js'
import { bytesOf } from './machine.js'

type Form<K extends ControlForm['kind']> = Extract<ControlForm, { readonly kind: K }>

/** Copies the results of a Program into the places they belong to and frees their blocks. */
const deliver = ({ heap }: Machine, results: readonly number[], outputs: readonly number[], sizes: readonly number[]): void => {
  results.forEach((from, k) => {
    heap.copy(outputs[k]!, from, sizes[k]!)
    heap.free(from, sizes[k]!)
  })
}

/** Bytes of the blocks of some values. */
const blocksOf = (sizes: readonly number[]): number => sizes.reduce((n, bytes) => n + inLines(Math.max(bytes, 1)), 0)

const call = ({ program }: Form<'call'>, e: Equation, machine: Machine): Task => {
  const code = machine.compile(program)
  const sizes = e.outputs.map((v) => bytesOf(v.aval))
  return { scratch: 0, beyond: code.most, run: (inputs, outputs) => deliver(machine, code(inputs), outputs, sizes) }
}

const cond = (form: Form<'cond'>, e: Equation, machine: Machine): Task => {
  const branches = form.branches.map(machine.compile)
  const sizes = e.outputs.map((v) => bytesOf(v.aval))
  return {
    scratch: 0,
    beyond: Math.max(...branches.map((b) => b.most)),
    run: ([index, ...operands], outputs) => {
      const chosen = machine.heap.words()[index! >>> 2]!
      deliver(machine, branches[Math.min(Math.max(chosen, 0), branches.length - 1)]!(operands), outputs, sizes)
    },
  }
}

const whileLoop = (form: Form<'while'>, e: Equation, machine: Machine): Task => {
  const { heap } = machine
  const test = machine.compile(form.cond)
  const body = machine.compile(form.body)
  const a = form.condConsts
  const b = a + form.bodyConsts
  const sizes = e.outputs.map((v) => bytesOf(v.aval))
  const run: Run = (inputs, outputs) => {
    let carry = inputs.slice(b)
    let own = false
    const goes = (): boolean => {
      const [verdict] = test([...inputs.slice(0, a), ...carry])
      const result = heap.view('bool', verdict!, 1)[0] !== 0
      heap.free(verdict!, 1)
      return result
    }
    while (goes()) {
      const next = body([...inputs.slice(a, b), ...carry])
      if (own)
        carry.forEach((block, k) => {
          heap.free(block, sizes[k]!)
        })
      carry = next
      own = true
    }
    carry.forEach((block, k) => {
      heap.copy(outputs[k]!, block, sizes[k]!)
    })
    if (own)
      carry.forEach((block, k) => {
        heap.free(block, sizes[k]!)
      })
  }
  return { scratch: 0, beyond: blocksOf(sizes) + Math.max(test.most, body.most), run }
}

const scan = (form: Form<'scan'>, e: Equation, machine: Machine): Task => {
  const { heap } = machine
  const { length, reverse, consts, carry: carried } = form
  const body = machine.compile(form.body)
  const first = consts + carried
  const widths = e.inputs.slice(first).map((x) => (length === 0 ? 0 : bytesOf(x.aval) / length))
  const sizes = e.outputs.map((v, k) => (k < carried ? bytesOf(v.aval) : length === 0 ? 0 : bytesOf(v.aval) / length))
  const run: Run = (inputs, outputs) => {
    const given = [...inputs]
    for (let step = 0; step < length; step++) {
      const t = reverse ? length - 1 - step : step
      widths.forEach((w, k) => {
        given[first + k] = inputs[first + k]! + t * w
      })
      const results = body(given)
      for (let k = 0; k < carried; k++) {
        if (step > 0) heap.free(given[consts + k]!, sizes[k]!)
        given[consts + k] = results[k]!
      }
      for (let k = carried; k < results.length; k++) {
        heap.copy(outputs[k]! + t * sizes[k]!, results[k]!, sizes[k]!)
        heap.free(results[k]!, sizes[k]!)
      }
    }
    for (let k = 0; k < carried; k++) {
      heap.copy(outputs[k]!, given[consts + k]!, sizes[k]!)
      if (length > 0) heap.free(given[consts + k]!, sizes[k]!)
    }
  }
  return { scratch: 0, beyond: blocksOf(sizes.slice(0, carried)) + body.most, run }
}

/** The code of a primitive that holds Programs; `null` for the others. */
export const controlTask = (e: Equation, machine: Machine): Task | null => {
  const form = controlOf(e)
  if (form === null) return null
  switch (form.kind) {
    case 'call':
      return call(form, e, machine)
    case 'cond':
      return cond(form, e, machine)
    case 'while':
      return whileLoop(form, e, machine)
    case 'scan':
      return scan(form, e, machine)
  }
}
