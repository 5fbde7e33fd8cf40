import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts `<name>.js` beside the calling module as a thread; run from the sources, the thread needs the loader that runs
 * them. Heavy work (PDF, large files) never runs on the loop that answers requests.
 * @param beside `import.meta.url` of the caller
 */
export function startThread(beside: string, name: string, options: WorkerOptions = {}): Worker {
  if (!beside.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, beside), options)
  const source = new URL(`./${name}.ts`, beside).href
  const loader = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(source)}) })`
  return new Worker(loader, { ...options, eval: true })
}
