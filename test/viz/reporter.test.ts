import { describe, expect, it } from 'vitest'
import { viz } from '../../src/index.js'

const on = (options: Partial<viz.ReporterOptions> & { readonly isTTY?: boolean; readonly columns?: number }) => {
  const written: string[] = []
  const clock = { ms: 0 }
  const { isTTY = true, columns = 200, ...rest } = options
  const say = viz.reporter({ terminal: { write: (text) => written.push(text), isTTY, columns }, now: () => clock.ms, ...rest })
  return { written, clock, say }
}

describe('reporter', () => {
  it('writes over its line where somebody watches, no more often than asked, and the last one always', () => {
    const { written, clock, say } = on({})
    for (let done = 1; done <= 100; done++) {
      clock.ms = 10 * (done - 1)
      say.progress({ done, total: 100, name: 'epoch 1', values: { loss: 0.5 } })
    }
    expect(written.length).toBe(11)
    expect(written[0]).toBe('\repoch 1 [--------------------] 1/100 0.0/s loss 0.5000\x1b[K')
    expect(written[10]).toBe('\repoch 1 [####################] 100/100 101.0/s 0:00 left loss 0.5000\x1b[K')
    say.line('epoch 1: loss 0.5', { loss: 0.5 })
    expect(written.slice(11)).toEqual(['\r\x1b[K', 'epoch 1: loss 0.5\n'])
    say.end()
    expect(written.length).toBe(13)
  })
  it('counts the seconds of each job from its own beginning', () => {
    const { written, clock, say } = on({})
    say.progress({ done: 0, total: 2, name: 'a' })
    clock.ms = 5000
    say.progress({ done: 0, total: 2, name: 'b' })
    clock.ms = 6000
    say.progress({ done: 1, total: 2, name: 'b' })
    expect(written.at(-1)).toContain('1/2 1.0/s 0:01 left')
    clock.ms = 6010
    say.progress({ done: 0, total: 2, name: 'b' })
    expect(written.length).toBe(4)
    say.end()
    expect(written.at(-1)).toBe('\r\x1b[K')
  })
  it('fits the terminal', () => {
    const { written, say } = on({ columns: 20 })
    say.progress({ done: 1, total: 2, name: 'a long name of a job' })
    expect(written[0]!.replace(/\r|\x1b\[K/g, '').length).toBe(19)
  })
  it('is quiet elsewhere', () => {
    const { written, say } = on({ isTTY: false })
    say.progress({ done: 2, total: 2 })
    say.end()
    expect(written).toEqual([])
    say.line('done')
    expect(written).toEqual(['done\n'])
  })
  it('writes an object a line for programs', () => {
    const { written, clock, say } = on({ isTTY: false, json: true })
    for (const ms of [0, 500, 1000, 1500]) {
      clock.ms = ms
      say.progress({ done: ms / 500, total: 4, name: 'epoch "1"', values: { loss: ms === 0 ? NaN : 0.25 } })
    }
    say.line('epoch 1', { accuracy: 0.5, rows: 3n })
    expect(written.map((line) => JSON.parse(line) as unknown)).toEqual([
      { progress: 'epoch "1"', done: 0, total: 4, seconds: 0, loss: null },
      { progress: 'epoch "1"', done: 2, total: 4, seconds: 1, loss: 0.25 },
      { message: 'epoch 1', accuracy: 0.5, rows: '3' },
    ])
    expect(written.every((line) => line.endsWith('}\n'))).toBe(true)
  })
})
