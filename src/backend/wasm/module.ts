/** Modules: functions over one imported memory, encoded. */
import { bytes } from './bytes.js'
import type { Build, Callee, Ex, Type } from './code.js'
import { encodeBody, op, typeCode } from './code.js'

/** A module under construction. */
export interface ModuleBuilder {
  /** Adds a function, exported under `name` when one is given. `build` writes its body. */
  readonly func: <const P extends readonly Type[]>(name: string | null, params: P, result: Type | null, build: Build<P>) => Callee
  /** The module in binary form; it imports its memory as `env.memory` and the address of scratch of its thread's own as `env.own`. */
  readonly finish: () => Uint8Array
}

/** Pages of 64 KiB that a memory may grow to: all that 32 bits address. */
export const maximumPages = 65536

const section = (id: number, content: Uint8Array): Uint8Array => {
  const out = bytes(content.length + 6)
  out.byte(id)
  out.u(content.length)
  out.bytes(content)
  return out.done()
}

/** Names of functions, which are ASCII. */
const text = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0))

/** The address of the scratch that the running thread has to itself. */
export const own: Ex<'i32'> = op('i32', 0x23, [], (out) => out.u(0))

/** A fresh module; `shared` says what kind of memory it imports. */
export const moduleBuilder = (shared: boolean): ModuleBuilder => {
  const signatures: string[] = []
  const types: Uint8Array[] = []
  const functions: { readonly type: number; readonly code: Uint8Array; readonly name: string | null }[] = []

  const signature = (params: readonly Type[], result: Type | null): number => {
    const key = `${params.join(',')}>${result ?? ''}`
    const known = signatures.indexOf(key)
    if (known >= 0) return known
    const out = bytes()
    out.byte(0x60)
    out.u(params.length)
    for (const p of params) out.byte(typeCode[p])
    out.u(result === null ? 0 : 1)
    if (result !== null) out.byte(typeCode[result])
    types.push(out.done())
    return signatures.push(key) - 1
  }

  return {
    func: (name, params, result, build) => {
      // Encoded first: a body may add the functions that it calls.
      const code = encodeBody(params, build, result)
      const index = functions.length
      functions.push({ type: signature(params, result), code, name })
      return { index, result }
    },
    finish: () => {
      const out = bytes()
      out.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
      const vector = (id: number, items: readonly (() => Uint8Array)[]): void => {
        if (items.length === 0) return
        const content = bytes()
        content.u(items.length)
        for (const item of items) content.bytes(item())
        out.bytes(section(id, content.done()))
      }
      const named = (...parts: readonly ArrayLike<number>[]): Uint8Array => {
        const item = bytes()
        for (const p of parts) item.bytes(p)
        return item.done()
      }
      const string = (s: string): Uint8Array => {
        const item = bytes()
        const t = text(s)
        item.u(t.length)
        item.bytes(t)
        return item.done()
      }
      const limits = (): Uint8Array => {
        const item = bytes()
        item.byte(shared ? 0x03 : 0x01)
        item.u(1)
        item.u(maximumPages)
        return item.done()
      }
      const u = (n: number): Uint8Array => {
        const item = bytes()
        item.u(n)
        return item.done()
      }
      const sized = (code: Uint8Array): Uint8Array => named(u(code.length), code)
      vector(
        1,
        types.map((t) => () => t),
      )
      vector(2, [
        () => named(string('env'), string('memory'), [0x02], limits()),
        () => named(string('env'), string('own'), [0x03, typeCode.i32, 0x00]),
      ])
      vector(
        3,
        functions.map((f) => () => u(f.type)),
      )
      const exported = functions.map((f, k) => ({ ...f, k })).filter((f) => f.name !== null)
      vector(
        7,
        exported.map((f) => () => named(string(f.name!), [0x00], u(f.k))),
      )
      vector(
        10,
        functions.map((f) => () => sized(f.code)),
      )
      return out.done()
    },
  }
}
