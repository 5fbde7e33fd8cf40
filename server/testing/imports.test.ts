import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { sources } from './sources.ts'

type Import = { from: string; to: string; file: string }

/** Every import of one file of ours by another, by paths below the root. */
function* localImports(folder: string): Generator<Import> {
  for (const { file, text } of sources(folder, '.ts')) {
    for (const [, path] of text.matchAll(/(?:from|import\() ?'(\.{1,2}\/[^']+)'/g)) {
      yield { from: dirname(file), to: normalize(join(dirname(file), path as string)), file }
    }
  }
}

const featureOf = (path: string): string | undefined => /^server\/features\/([^/]+)/.exec(path)?.[1]

/** The first circle that is found, as a list of names that ends where it began. */
function findCircle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>()
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const other of graph.get(name) ?? []) {
      const circle = visit(other, [...path, name])
      if (circle) return circle
    }
    done.add(name)
    return undefined
  }
  for (const name of graph.keys()) {
    const circle = visit(name, [])
    if (circle) return circle
  }
  return undefined
}

describe('imports', () => {
  it('between features form no circle', () => {
    const graph = new Map<string, Set<string>>()
    for (const { file, to } of localImports('server/features')) {
      const [from, other] = [featureOf(file), featureOf(to)]
      if (from && other && from !== other) graph.set(from, (graph.get(from) ?? new Set()).add(other))
    }
    expect(findCircle(graph)?.join(' → ')).to.equal(undefined)
  })

  it('of the core name no feature', () => {
    const wrong = [...localImports('server/core')].filter(({ to }) => featureOf(to))
    expect(wrong.map(({ file, to }) => `${file}: ${to}`)).to.deep.equal([])
  })

  it('of migrations name nothing of the application: history is frozen', () => {
    const wrong = [...localImports('migrations')].filter(({ to }) => !to.startsWith('migrations/'))
    expect(wrong.map(({ file, to }) => `${file}: ${to}`)).to.deep.equal([])
  })

  it('go into other features only through their services, queries and other doors, not through pages', () => {
    const inside = /\/(router|[\w-]+-router|rights\.matrix)\.ts$/
    const wrong = [...localImports('server/features')].filter(
      ({ file, to }) => featureOf(to) && featureOf(to) !== featureOf(file) && inside.test(to),
    )
    expect(wrong.map(({ file, to }) => `${file}: ${to}`)).to.deep.equal([])
  })
})
