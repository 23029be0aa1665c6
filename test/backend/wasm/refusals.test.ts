/** What an engine, a page or a system refuses is asked for once; computation goes on with less, and says why. */
import { afterEach, describe, expect, it, vi } from 'vitest'

const fresh = async () => {
  vi.resetModules()
  const root = globalThis as unknown as Record<symbol, unknown>
  delete root[Symbol.for('adjoint/shared/1')]
  return import('../../../src/index.js')
}
/** A program of many elements, which threads would share and plain loops would not take. */
const compute = ({ np }: Awaited<ReturnType<typeof fresh>>): number => {
  for (let k = 0; k < 6; k++) np.sum(np.sin(np.ones([1 << 20])))
  return np.sum(np.mul(np.ones([1 << 20]), 2)).item() as number
}
const Memory = WebAssembly.Memory

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('memory', () => {
  it('is asked for in steps down', async () => {
    const asked: number[] = []
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor: WebAssembly.MemoryDescriptor) {
      asked.push(descriptor.maximum!)
      if (descriptor.maximum! > 8192) throw new RangeError('could not allocate memory')
      return new Memory(descriptor)
    })
    const adjoint = await fresh()
    expect(compute(adjoint)).toBe(2 ** 21)
    expect(asked).toEqual([65536, 32768, 16384, 8192])
    expect(adjoint.probe()).toMatch(/with 512 MiB of memory at most, because the system refuses 4096 MiB$/)
  })
  it('is not shared where none can be shared', async () => {
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor: WebAssembly.MemoryDescriptor) {
      if (descriptor.shared === true) throw new RangeError('could not allocate memory')
      return new Memory(descriptor)
    })
    const adjoint = await fresh()
    expect(compute(adjoint)).toBe(2 ** 21)
    expect(adjoint.probe()).toMatch(/on one thread, because the system refuses memory that threads share$/)
  })
  it('is not needed: without any, Programs run as plain loops', async () => {
    const spy = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
      throw new RangeError('could not allocate memory')
    })
    const adjoint = await fresh()
    expect(adjoint.np.sum(adjoint.np.sin(adjoint.np.zeros([5000]))).item()).toBe(0)
    const { length } = spy.mock.calls
    expect(adjoint.np.sum(adjoint.np.cos(adjoint.np.zeros([5000]))).item()).toBe(5000)
    expect(spy.mock.calls.length).toBe(length)
    expect(adjoint.probe()).toMatch(
      /^reference is active: plain JavaScript loops, because the system refuses WebAssembly memory, even 16 MiB$/,
    )
  })
  it('is capped by configure, before and after the first computation', async () => {
    const adjoint = await fresh()
    const { configure, np } = adjoint
    const made: WebAssembly.Memory[] = []
    const spy = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
      const memory = new Memory(descriptor)
      made.push(memory)
      return memory
    })
    configure({ memory: 2 ** 26 })
    expect(compute(adjoint)).toBe(2 ** 21)
    expect(spy.mock.calls[0]![0].maximum).toBe(1024)
    const memory = made[0]!
    for (let k = 0; k < 40; k++) expect(np.sum(np.sin(np.zeros([1 << 20]))).item()).toBe(0)
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(2 ** 26)
    configure({ memory: 2 ** 24 })
    expect(compute(adjoint)).toBe(2 ** 21)
    expect(adjoint.probe()).not.toMatch(/memory/)
    configure({ memory: 2 ** 30 })
    expect(adjoint.probe()).toMatch(/with less memory than 1024 MiB, because the first computation reserved less/)
  })
  it.each([0, -1, 1000, 2 ** 24 + 0.5, NaN, Infinity, 2 ** 33, '1' as never])('of %s bytes is refused', async (memory) => {
    const { configure } = await fresh()
    expect(() => {
      configure({ memory })
    }).toThrow(/configure: memory/)
  })
})

describe('threads', () => {
  it.each([0, 1.5, NaN, 1e6, Infinity])('%s of them are refused', async (threads) => {
    const { configure } = await fresh()
    expect(() => {
      configure({ threads })
    }).toThrow(/configure: threads must be/)
  })
  it('of many the useful ones are started', async () => {
    const adjoint = await fresh()
    adjoint.configure({ threads: 1024 })
    expect(compute(adjoint)).toBe(2 ** 21)
  })
  it('that are refused are asked for once', async () => {
    let asked = 0
    const given = process.getBuiltinModule.bind(process)
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((name: string) => {
      if (name !== 'node:worker_threads') return given(name)
      const threads = given(name) as Record<string, unknown>
      const Worker = function () {
        asked++
        throw new Error('Access to this API has been restricted')
      }
      return { MessageChannel: threads['MessageChannel'], Worker }
    })
    const adjoint = await fresh()
    expect(compute(adjoint)).toBe(2 ** 21)
    expect(compute(adjoint)).toBe(2 ** 21)
    expect(asked).toBe(1)
    expect(adjoint.probe()).toMatch(/on one thread, because workers are refused: Access to this API has been restricted$/)
  })
})

describe('compilation', () => {
  const refuse = (message: string): void => {
    vi.spyOn(WebAssembly, 'Module').mockImplementation(function () {
      throw new WebAssembly.CompileError(message)
    })
  }
  it('by a content policy: reference computes, and the directive is named', async () => {
    refuse(`WebAssembly.Module(): Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source`)
    const { np, probe } = await fresh()
    expect(np.sum(np.sin(np.zeros([5000]))).item()).toBe(0)
    expect(probe()).toBe(
      "reference is active: plain JavaScript loops, because the page's content policy does not let WebAssembly be compiled: script-src lacks 'wasm-unsafe-eval'",
    )
  })
  it('by an edge runtime', async () => {
    refuse('Wasm code generation disallowed by embedder')
    const { np, probe } = await fresh()
    expect(np.sum(np.ones([5000])).item()).toBe(5000)
    expect(probe()).toMatch(/^reference is active: .* cannot be compiled here: Wasm code generation disallowed by embedder$/)
  })
  it('where there is no WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    const { np, probe } = await fresh()
    expect(np.sum(np.ones([5000])).item()).toBe(5000)
    expect(probe()).toMatch(/because this engine has no WebAssembly$/)
  })
})
