/**
 * Processes that fetch one file at once: `node scripts/run.mjs test/data/fetching.ts [--times N]`. Two processes ask one server, which
 * answers slowly and in pieces, for the same file into the same folder; and sometimes a third, which is killed in the middle. The last line
 * counts what went wrong.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { data } from '../../src/index.js'

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
const bytes = Uint8Array.from({ length: 600_000 }, (_, i) => (i * 31 + (i >> 8)) % 251)
const remoteAt = async (url: string): Promise<data.Remote> => ({ path: 'set/a.bin', urls: [url], sha256: await data.sha256(bytes) })

const [url, directory] = [argument('url'), argument('dir')]
if (url !== undefined && directory !== undefined) {
  const got = await data.download(await remoteAt(url), { directory })()
  if (E.isLeft(got)) console.log(got.left.message)
  process.exitCode = E.isRight(got) && Buffer.compare(got.right, bytes) === 0 ? 0 : 1
} else {
  const program = process.env.ADJOINT_PROGRAM
  if (program === undefined) throw new Error('run this with scripts/run.mjs')
  const times = Number(argument('times') ?? 3)
  let [wrong, left, answered] = [0, 0, 0]
  let together = false
  let victim: ReturnType<typeof fetching> | undefined
  const waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    answered++
    const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0)
    if (from >= bytes.length) return void response.writeHead(416).end()
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': bytes.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    // every answer at a pace of its own, so that processes overtake each other
    const pause = 1 + (answered % 3) * 3
    let at = from
    const more = (): void => {
      if (response.destroyed) return
      if (request.url?.endsWith('?2') === true && at > bytes.length / 3) victim?.kill('SIGKILL')
      if (at >= bytes.length) return void response.end()
      response.write(bytes.subarray(at, (at += 40_000)))
      setTimeout(more, pause)
    }
    // nobody is served before all ask, so that all are at it at once
    waiting.push(more)
    if (together || waiting.length === (victim === undefined ? 2 : 3)) {
      together = true
      for (const begin of waiting.splice(0)) begin()
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.bin`
  const fetching = (dir: string, k: number) =>
    spawn(process.execPath, [program, '--url', `${address}?${k}`, '--dir', dir], { stdio: 'inherit' })
  const ended = (child: ReturnType<typeof fetching>): Promise<number | null> => new Promise((done) => child.on('close', done))
  try {
    for (let n = 0; n < times; n++)
      for (const killed of [false, true]) {
        together = false
        const dir = mkdtempSync(join(tmpdir(), 'adjoint-fetching-'))
        try {
          const pair = [fetching(dir, 0), fetching(dir, 1)]
          victim = killed ? fetching(dir, 2) : undefined
          const codes = Promise.all([...pair, ...(victim === undefined ? [] : [victim])].map(ended))
          wrong += (await codes).slice(0, 2).filter((code) => code !== 0).length
          if (Buffer.compare(readFileSync(join(dir, 'set/a.bin')), bytes) !== 0) wrong++
          left += readdirSync(join(dir, 'set')).filter((name) => name !== 'a.bin').length
        } finally {
          rmSync(dir, { recursive: true, force: true })
        }
      }
  } finally {
    server.close()
  }
  console.log(`${2 * times} folders, ${answered} answers: ${wrong} wrong, ${left} left beside`)
  process.exitCode = wrong + left === 0 && answered >= 5 * times ? 0 : 1
}
