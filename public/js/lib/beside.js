const GAP = 12
const EDGE = 8

/** Where a box of this size stands beside a target without covering it: below, above, right or left, the first that fits. */
function placeFor(target, { width, height }) {
  const [w, h] = [document.documentElement.clientWidth, innerHeight]
  const within = (value, most) => Math.max(EDGE, Math.min(value, most - EDGE))
  const left = within(target.left, w - width)
  const top = within(target.top, h - height)
  if (target.bottom + GAP + height <= h - EDGE) return { left, top: target.bottom + GAP }
  if (target.top - GAP - height >= EDGE) return { left, top: target.top - GAP - height }
  if (target.right + GAP + width <= w - EDGE) return { left: target.right + GAP, top }
  if (target.left - GAP - width >= EDGE) return { left: target.left - GAP - width, top }
  return null
}

/**
 * Puts a box beside an element and a frame round it. Where an element is too tall to leave room, the page is scrolled until
 * there is some above it.
 * @param {HTMLElement} box @param {HTMLElement} frame @param {Element} target
 */
export function placeBeside(box, frame, target) {
  const size = box.getBoundingClientRect()
  let place = placeFor(target.getBoundingClientRect(), size)
  if (!place) {
    scrollBy({ top: target.getBoundingClientRect().top - size.height - GAP - EDGE, behavior: 'instant' })
    const rect = target.getBoundingClientRect()
    place = placeFor(rect, size) ?? { left: EDGE, top: Math.max(EDGE, rect.top - size.height - GAP) }
  }
  box.style.left = `${place.left}px`
  box.style.top = `${place.top}px`
  const rect = target.getBoundingClientRect()
  frame.style.left = `${rect.left - 4}px`
  frame.style.top = `${rect.top - 4}px`
  frame.style.width = `${rect.width + 8}px`
  frame.style.height = `${rect.height + 8}px`
}
