import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { data } from '../../src/index.js'

const url = 'https://example.org/a.bin'
const bytes = Uint8Array.from({ length: 2500 }, (_, i) => i % 251)
const remote = async (urls: readonly string[] = [url]): Promise<data.Remote> => ({
  path: 'set/a.bin',
  urls,
  sha256: await data.sha256(bytes),
})
const directory = 'cache'
const file = 'cache/set/a.bin'
const sizes = (world: data.World) =>
  Promise.all([file, `${file}.part`].map((path) => TE.getOrElse(() => () => Promise.resolve(0))(world.sizeOf(path))()))
const leftOf = (result: { readonly _tag: string; readonly left?: data.DataFault }): data.DataFault =>
  result.left ?? { _tag: 'NotFound', message: 'Right' }

describe('cacheDirectory', () => {
  const of = (environment: Readonly<Record<string, string>>): string => data.cacheDirectory(data.memoryWorld({ environment }))
  it('ADJOINT_DATA, XDG_CACHE_HOME, home, in this order', () => {
    expect(of({ ADJOINT_DATA: '/d', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/d')
    expect(of({ ADJOINT_DATA: '', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/adjoint')
    expect(of({ HOME: '/h' })).toBe('/h/.cache/adjoint')
    expect(of({ LOCALAPPDATA: 'C:\\l' })).toBe('C:\\l/adjoint')
    expect(of({})).toBe('.adjoint')
  })
})

describe('download', () => {
  it('fetches once, with progress, and leaves nothing but the file', async () => {
    const seen: data.Progress[] = []
    const world = data.memoryWorld({ pages: { [url]: bytes } })
    const asked: string[] = []
    const counting: data.World = { ...world, request: (u, from) => (asked.push(`${u} ${from}`), world.request(u, from)) }
    const options = { directory, capabilities: counting, onProgress: (p: data.Progress) => void seen.push(p) }
    for (let i = 0; i < 2; i++) expect(await data.download(await remote(), options)()).toEqual({ _tag: 'Right', right: bytes })
    expect(asked).toEqual([`${url} 0`])
    expect(seen.map((p) => [p.received, p.total])).toEqual([
      [1000, 2500],
      [2000, 2500],
      [2500, 2500],
    ])
    expect(seen.every((p, i) => p.url === url && p.elapsed > (seen[i - 1]?.elapsed ?? 0))).toBe(true)
    expect(await sizes(world)).toEqual([2500, 0])
  })

  it('goes on where it was interrupted', async () => {
    const world = data.memoryWorld({ pages: { [url]: bytes } })
    const asked: number[] = []
    const torn: data.World = {
      ...world,
      request: (u, from) => {
        asked.push(from)
        if (asked.length > 1) return world.request(u, from)
        async function* body() {
          yield bytes.slice(0, 1200)
          await Promise.resolve()
          throw new Error('socket hang up')
        }
        return TE.right({ status: 200, length: 2500, body: body() })
      },
    }
    const first = leftOf(await data.download(await remote(), { directory, capabilities: torn })())
    expect(first._tag).toBe('Offline')
    expect(first.message).toMatch(/after 1200 bytes: socket hang up/)
    expect(await sizes(world)).toEqual([0, 1200])
    expect(await data.download(await remote(), { directory, capabilities: torn })()).toEqual({ _tag: 'Right', right: bytes })
    expect([asked, await sizes(world)]).toEqual([
      [0, 1200],
      [2500, 0],
    ])
  })

  it('starts again when the server knows no ranges, takes what is complete, and drops what is wrong', async () => {
    const part = { [`${file}.part`]: bytes.slice(0, 700) }
    const plain = data.memoryWorld({ pages: { [url]: bytes }, files: part })
    const noRanges: data.World = { ...plain, request: (u) => plain.request(u, 0) }
    expect(await data.download(await remote(), { directory, capabilities: noRanges })()).toEqual({ _tag: 'Right', right: bytes })
    const complete = data.memoryWorld({ pages: { [url]: bytes }, files: { [`${file}.part`]: bytes } })
    expect(await data.download(await remote(), { directory, capabilities: complete })()).toEqual({ _tag: 'Right', right: bytes })
    const wrong = data.memoryWorld({ pages: { [url]: bytes }, files: { [`${file}.part`]: bytes.slice(0, 700).reverse() } })
    const failed = leftOf(await data.download(await remote(), { directory, capabilities: wrong })())
    expect([failed._tag, await sizes(wrong)]).toEqual(['Corrupt', [0, 0]])
    expect(await data.download(await remote(), { directory, capabilities: wrong })()).toEqual({ _tag: 'Right', right: bytes })
  })

  it('tries the next address', async () => {
    const other = 'https://example.net/a.bin'
    const world = data.memoryWorld({ pages: { [other]: bytes } })
    expect(await data.download(await remote([url, other]), { directory, capabilities: world })()).toEqual({ _tag: 'Right', right: bytes })
    const damaged = data.memoryWorld({ pages: { [url]: bytes.slice(1), [other]: bytes } })
    expect(await data.download(await remote([url, other]), { directory, capabilities: damaged })()).toEqual({ _tag: 'Right', right: bytes })
  })

  it('offline it says which file to put where', async () => {
    const { sha256 } = await remote()
    const failed = leftOf(await data.download(await remote(), { directory, capabilities: data.memoryWorld() })())
    expect(failed._tag).toBe('Offline')
    expect(failed.message).toBe(
      `set/a.bin: ${url}: no such server\n  try: when there is a network again; or put the file (SHA-256 ${sha256}), from ${url}, at ${file}; or set ADJOINT_DATA to a directory that has it`,
    )
  })

  it('refusals of servers, short answers and full disks are faults', async () => {
    const world = data.memoryWorld({ pages: { [url]: bytes } })
    const answering = (status: number, length: number): data.World => ({
      ...world,
      request: (u, from) => TE.map((a: data.Answer) => ({ ...a, status, length }))(world.request(u, from)),
    })
    expect(leftOf(await data.download(await remote(), { directory, capabilities: answering(404, 9) })()).message).toMatch(
      /the server answers 404/,
    )
    expect(leftOf(await data.download(await remote(), { directory, capabilities: answering(200, 9999) })()).message).toMatch(
      /ended after 2500 of 9999 bytes/,
    )
    const full: data.World = {
      ...data.memoryWorld({ pages: { [url]: bytes } }),
      append: () => TE.left({ _tag: 'Unreadable', message: 'disk full' }),
    }
    expect(leftOf(await data.download(await remote(), { directory, capabilities: full })())).toEqual({
      _tag: 'Unreadable',
      message: 'disk full',
    })
  })

  it('a cached file that is not the file is not used and not overwritten', async () => {
    const world = data.memoryWorld({ files: { [file]: bytes.slice(1) }, pages: { [url]: bytes } })
    const failed = leftOf(await data.download(await remote(), { directory, capabilities: world })())
    expect([failed._tag, await sizes(world)]).toEqual(['Corrupt', [2499, 0]])
    expect(failed.message).toMatch(/cache\/set\/a.bin: SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}\n {2}try: remove it/)
  })

  it('with real files and a real server, ranges included', async () => {
    const asked: (string | undefined)[] = []
    const server = createServer((request, response) => {
      const { range } = request.headers
      asked.push(range)
      const from = Number(/\d+/.exec(range ?? '')?.[0] ?? 0)
      response.writeHead(range === undefined ? 200 : 206, { 'content-length': bytes.length - from })
      response.end(bytes.slice(from))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const dir = mkdtempSync(join(tmpdir(), 'adjoint-'))
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.bin`
      const flat = { ...(await remote([address])), path: 'a.bin' }
      writeFileSync(join(dir, 'a.bin.part'), bytes.slice(0, 900))
      const fetched = await data.download(flat, { directory: dir })()
      expect(fetched._tag === 'Right' && new Uint8Array(fetched.right)).toEqual(bytes)
      expect([asked, readdirSync(dir)]).toEqual([['bytes=900-'], ['a.bin']])
      const deep = { ...flat, path: 'x/y/a.bin' }
      expect((await data.download(deep, { directory: dir })())._tag).toBe('Right')
      expect(new Uint8Array(readFileSync(join(dir, 'x/y/a.bin')))).toEqual(bytes)
    } finally {
      server.close()
      rmSync(dir, { recursive: true })
    }
    const nobody = { ...(await remote(['http://127.0.0.1:9/a.bin'])), path: 'none.bin' }
    expect(leftOf(await data.download(nobody, { directory: tmpdir() })())._tag).toBe('Offline')
  })
})
