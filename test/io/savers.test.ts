import { execFile } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterAll, describe, expect, it } from 'vitest'
import { io, np } from '../../src/index.js'
import { left, right } from './either.js'

const dir = mkdtempSync(join(tmpdir(), 'savers-'))
afterAll(() => {
  rmSync(dir, { recursive: true })
})

describe('several saves at once', () => {
  it('of processes and threads: none is mixed, none is lost', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'test/io/savers.ts', '--times', '10'])
    expect(stdout).toMatch(/^40 saves, [1-9]\d* reads: 0 mixed, 0 lost, 0 left beside, 0 failures\n$/)
  }, 180_000)

  it('200 pairs on one path: the last one wins whole', async () => {
    const path = join(dir, 'pairs.npz')
    const seen = new Set<number>()
    for (let i = 0; i < 200; i++) {
      const saves = [1, -1].map((sign) =>
        io.saveNpz(path, { a: np.full([3000 + (i % 5)], sign * (i + 1)), b: np.full([40], sign * (i + 1)) })(),
      )
      for (const saved of await Promise.all(saves)) right(saved)
      const values = new Set(Object.values(right(await io.loadNpz(path)())).flatMap((x) => [...x.toTypedArray()]))
      expect(values.size).toBe(1)
      expect(Math.abs([...values][0]!)).toBe(i + 1)
      seen.add([...values][0]!)
    }
    expect(seen.size).toBe(200)
    expect(readdirSync(dir)).toEqual(['pairs.npz'])
  })

  it('of checkpoints of the same and of other steps, with one folder for both', async () => {
    const run = join(dir, 'run')
    const writers = [0, 1].map(() => io.checkpoints({ dir: run, like: { n: 0 }, keep: 1000 }))
    for (let i = 0; i < 50; i++)
      for (const saved of await Promise.all(writers.flatMap((w, k) => [w.save(2 * i + k, { n: 2 * i + k })(), w.save(1000, { n: k })()])))
        right(saved)
    expect(right(await writers[0]!.steps()).length).toBe(101)
    expect(readdirSync(run).length).toBe(101)
  })

  it('of sharded models: the index names one of them, whole', async () => {
    const base = join(dir, 'sharded', 'm')
    for (let i = 0; i < 20; i++) {
      const saves = [1, -1].map((n) =>
        io.saveSharded(base, { a: np.full([10], n), b: np.full([10 + i], n), c: np.full([i], n) }, { maxShardBytes: 45 })(),
      )
      const [index] = (await Promise.all(saves)).map(right)
      const model = right(await io.openSharded(index!)())
      const values = new Set(Object.values(right(await model.readAll()())).flatMap((x) => [...x.toTypedArray()]))
      expect(values.size).toBe(1)
    }
  })
})

describe('temporary files', () => {
  it('are no links that others have put there, and appending follows none', async () => {
    const [path, secret] = [join(dir, 'linked.npy'), join(dir, 'secret')]
    writeFileSync(secret, 'secret')
    symlinkSync(secret, `${path}.tmp`)
    right(await io.saveNpy(path, np.ones([3]))())
    expect(readFileSync(secret, 'utf8')).toBe('secret')
    expect(lstatSync(`${path}.tmp`).isSymbolicLink()).toBe(true)
    const link = join(dir, 'link')
    symlinkSync(secret, link)
    expect(left(await io.nodeFiles.append(link, Uint8Array.of(1))())).toEqual([
      'Unwritable',
      `${link}: it is a link, which is not followed`,
    ])
    expect(left(await io.nodeFiles.commit(link, join(dir, 'other'))())?.[0]).toBe('Unwritable')
    expect(readFileSync(secret, 'utf8')).toBe('secret')
    expect(existsSync(join(dir, 'other'))).toBe(false)
  })

  it('have the rights of the file that they replace', async () => {
    const path = join(dir, 'private.npy')
    writeFileSync(path, '', { mode: 0o600 })
    right(await io.saveNpy(path, np.ones([3]))())
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('of writers that were killed are removed after an hour, and not before', async () => {
    const files = io.memoryFiles()
    const kept = io.checkpoints({ dir: 'run', like: { n: 0 }, files })
    const named = (age: number): string => `checkpoint-000000000007.safetensors.${(Date.now() - age).toString(36)}-0123456789abcdef.tmp`
    for (const name of [named(2 * 3_600_000), named(60_000), `other-${named(2 * 3_600_000)}`])
      right(await files.writeFile(`run/${name}`, Uint8Array.of(1))())
    const young = right(await files.list('run')()).slice(1)
    right(await kept.save(1, { n: 1 })())
    expect([...right(await files.list('run')())].sort()).toEqual([...young, 'checkpoint-000000000001.safetensors'].sort())
  })
})

it('a checkpoint that another process removes between the listing and the reading is no reason to begin again', async () => {
  const inner = io.memoryFiles()
  const like = { n: 0 }
  const other = io.checkpoints({ dir: 'run', like, keep: 1, files: inner })
  right(await other.save(1, { n: 1 })())
  let busy = true
  const files: io.Files = {
    ...inner,
    list: (path) => async () => {
      const names = await inner.list(path)()
      if (busy) {
        busy = false
        right(await other.save(2, { n: 2 })())
      }
      return names
    },
  }
  expect(right(await io.checkpoints({ dir: 'run', like, files }).latest())).toMatchObject({ value: { step: 2, skipped: [] } })
})

it('what has no size is read no further than maxBytes', async () => {
  const started = performance.now()
  for (const read of [io.loadNpy, io.loadNpz, io.loadSafetensors])
    expect(left(await read('/dev/zero', { maxBytes: 1e6 })())).toEqual(['TooLarge', '/dev/zero: more than 1000000'])
  expect(performance.now() - started).toBeLessThan(20_000)
})

it('a file that grows while it is read is read no further than maxBytes', async () => {
  const growing: io.Files = { ...io.memoryFiles({ x: new Uint8Array(2000) }), sizeOf: () => TE.right(10) }
  expect(left(await io.loadNpy('x', { files: growing, maxBytes: 100 })())?.[0]).toBe('TooLarge')
})
