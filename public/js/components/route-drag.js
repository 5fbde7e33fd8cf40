// Dragging a topic into "my route" (and a chosen one out of it). A convenience of the mouse: the buttons do the same.

/** `submit` is called with the form of the step that was meant. Returns { refresh } to call after a swap. */
export function allowDragging(root, submit) {
  let dragged = null

  const zone = () => root.querySelector('[data-drop-zone]')
  const formOf = (tile) => tile?.querySelector('form[data-route-step]')
  const wantsIn = () => formOf(dragged)?.dataset.routeStep === 'choose'
  const isTarget = (event) => dragged && Boolean(event.target.closest?.('[data-drop-zone]')) === wantsIn()

  function end() {
    dragged?.classList.remove('is-dragged')
    dragged = null
    zone()?.classList.remove('is-wanted', 'is-over')
  }

  root.addEventListener('dragstart', (event) => {
    const tile = event.target.closest?.('.lr-tile')
    if (!formOf(tile)) return
    dragged = tile
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', tile.querySelector('.lr-tile-title').textContent)
    // The picture of the tile is taken first.
    requestAnimationFrame(() => {
      tile.classList.add('is-dragged')
      if (wantsIn()) zone()?.classList.add('is-wanted')
    })
  })

  root.addEventListener('dragover', (event) => {
    zone()?.classList.toggle('is-over', Boolean(isTarget(event) && wantsIn()))
    if (!isTarget(event) || event.target.closest('.lr-tile') === dragged) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'move'
  })

  root.addEventListener('drop', (event) => {
    if (!isTarget(event) || event.target.closest('.lr-tile') === dragged) return
    event.preventDefault()
    const form = formOf(dragged)
    end()
    if (form) submit(form)
  })

  root.addEventListener('dragend', end)

  function refresh() {
    const area = zone()
    if (area && !area.querySelector('.lr-drop')) {
      const hint = document.createElement('div')
      hint.className = 'lr-drop'
      hint.setAttribute('aria-hidden', 'true')
      hint.textContent = root.dataset.drop
      area.append(hint)
    }
    for (const tile of root.querySelectorAll('.lr-tile')) tile.draggable = Boolean(formOf(tile))
  }

  return { refresh }
}
