// Finding one's place: on a phone one module at a time, everywhere a jump to what is missing.

/** Marks the current module of the map and moves to places of the page by their id. */
export function pageModules(root) {
  const modules = () => [...root.querySelectorAll('.lr-module')]
  let currentId = null

  function show(module) {
    currentId = module?.id ?? null
    for (const one of modules()) one.classList.toggle('is-current', one === module)
  }

  /** After a swap: the same module stays on the screen; `sought` is an id to move to. */
  function refresh(sought) {
    root.querySelector('.lr-map')?.classList.add('is-paged')
    const all = modules()
    if (all.length > 0) show(all.find((one) => one.id === currentId) ?? all[0])
    if (sought) seek(sought)
  }

  /** Brings a module, a topic or a section into view and puts the keyboard there. */
  function seek(id) {
    const target = document.getElementById(id)
    if (!target) return
    const module = target.closest('.lr-module')
    if (module) show(module)
    for (const marked of root.querySelectorAll('.is-sought')) marked.classList.remove('is-sought')
    if (target.matches('.lr-tile')) target.classList.add('is-sought')
    target.focus({ preventScroll: true })
    target.scrollIntoView({ block: 'start' })
    history.replaceState(history.state, '', `#${id}`)
  }

  return { refresh, seek }
}
