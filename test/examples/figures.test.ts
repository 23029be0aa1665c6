import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Figure } from '../../examples/figures/figure.js'
import { draw } from '../../examples/figures/figure.js'
import { lossFigures } from '../../examples/figures/losses.js'
import { optimizerFigures } from '../../examples/figures/optimizers.js'
import { losses, np, optim, tree } from '../../src/index.js'

const page = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
const pages = (folder: string): readonly string[] =>
  readdirSync(new URL(`../../docs/${folder}`, import.meta.url))
    .filter((f) => f.endsWith('.md'))
    .map((f) => f.slice(0, -3))
    .sort()

/** A picture as text around numbers: numbers may differ by the last bit of a logarithm, which may move them by a hundredth. */
const apart = (svg: string): readonly [string, readonly number[]] => [
  svg.replace(/-?\d+(\.\d+)?/g, '#'),
  [...svg.matchAll(/-?\d+(\.\d+)?/g)].map(([n]) => Number(n)),
]

const folders: Readonly<Record<string, Readonly<Record<string, Figure>>>> = { optimizers: optimizerFigures, losses: lossFigures }

describe.each(Object.entries(folders))('pages of %s', (folder, figures) => {
  const names = Object.keys(figures).sort()
  it('have a figure each, and every figure has a page', () => {
    expect(pages(folder)).toEqual(names)
  })
  it('show what the code draws', () => {
    for (const [name, figure] of Object.entries(figures)) {
      expect(page(`${folder}/${name}.md`)).toContain(`](${name}.svg)`)
      const committed = page(`${folder}/${name}.svg`)
      expect(committed.length).toBeLessThan(10_000)
      const [text, numbers] = apart(committed)
      const [drawnText, drawnNumbers] = apart(`${draw(figure)}\n`)
      expect(drawnText, name).toBe(text)
      expect(Math.max(...drawnNumbers.map((n, k) => Math.abs(n - numbers[k]!))), name).toBeLessThan(0.05)
    }
  }, 120_000)
  it.each(['formula', 'options', 'paper', 'example'] as const)('have all their parts: %s', (part) => {
    const patterns = { formula: /^```math$/m, options: /^\| (option|argument) /m, paper: /^\*\*Paper\*\*: .*\d{4}/m, example: /^```ts$/m }
    expect(names.filter((name) => !patterns[part].test(page(`${folder}/${name}.md`)))).toEqual([])
  })
  it('are headed by the name, take one screen, and are linked from the overview', () => {
    for (const name of names) {
      expect(page(`${folder}/${name}.md`)).toMatch(new RegExp(`^# ${name}\n`))
      expect(page(`${folder}/${name}.md`).length, name).toBeLessThan(3500)
      expect(page(`${folder}.md`)).toContain(`(${folder}/${name}.md)`)
    }
  })
})

/** Whether `made(rate)` is an optimizer by what it does: with a gradient of 1 it goes down. A learning rate alone is only a part of one. */
const goesDown = (made: unknown): boolean => {
  try {
    const { init, update } = (made as (rate: number) => optim.GradientTransformation)(0.125)
    const params = { p: np.array(1) }
    const [updates] = update({ p: np.array(1) }, init(params), params)
    return tree.leaves(updates).every((u) => Number(u) < 0)
  } catch {
    return false
  }
}

describe('what needs a page', () => {
  it('is every optimizer among the exports, told by what it does', () => {
    const all: readonly (readonly [string, unknown])[] = Object.entries(optim)
    const found = all.filter(([name, f]) => name !== 'scaleByLearningRate' && goesDown(f)).map(([name]) => name)
    expect(found.length).toBeGreaterThan(15)
    expect([...found, 'lbfgs'].sort()).toEqual(pages('optimizers'))
  })
  it('is every loss: every export is one, unless the overview has it under its last heading', () => {
    const beside = page('losses.md').split('## Beside the losses')[1]!
    const others = Object.keys(losses).filter((name) => beside.includes(`\`${name}(`))
    expect([...pages('losses'), ...others].sort()).toEqual(Object.keys(losses).sort())
  })
  it('is not every step, schedule and part of an optimizer: these are in the overview', () => {
    const index = page('optimizers.md')
    expect(Object.keys(optim).filter((name) => !new RegExp(`\`${name}[\`(]`).test(index))).toEqual([])
  })
  it('is linked to pages and pictures that exist', () => {
    for (const folder of ['.', 'guide', 'optimizers', 'losses'])
      for (const name of pages(folder))
        for (const [, target] of page(`${folder}/${name}.md`)
          .replace(/```[\s\S]*?```/g, '')
          .matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g))
          expect(existsSync(new URL(`../../docs/${folder}/${target!}`, import.meta.url)), `${folder}/${name}.md: ${target!}`).toBe(true)
  })
})
