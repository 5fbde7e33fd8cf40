// Swaps the pieces of a page that changed, and nothing else: focus, scrolling and opened details stay where they are.

const keyed = (root) => new Map([...root.querySelectorAll('[data-fragment]')].map((element) => [element.id, element]))

/** Brings `root` to what `next` (freshly rendered) shows. Both hold pieces with `id` and `data-fragment`. */
export function swapFragments(root, next) {
  const focused = remember(root)
  const face = root.querySelector('[data-face]')
  const nextFace = next.querySelector('[data-face]')
  const sameShape = face.dataset.face === nextFace.dataset.face && sameKeys(face, nextFace)
  if (!sameShape) {
    face.dataset.face = nextFace.dataset.face
    face.replaceChildren(...nextFace.childNodes)
  }
  const fresh = keyed(next)
  for (const [id, old] of keyed(root)) {
    const replacement = fresh.get(id)
    if (!replacement || old.outerHTML === replacement.outerHTML) continue
    keepOpenDetails(old, replacement)
    // Class names of scripts (is-current and the like) sit on elements outside of fragments.
    old.replaceWith(replacement)
  }
  restore(root, focused)
}

const sameKeys = (a, b) => [...keyed(a).keys()].join() === [...keyed(b).keys()].join()

function keepOpenDetails(old, replacement) {
  const fresh = replacement.querySelectorAll('details')
  old.querySelectorAll('details').forEach((details, index) => {
    if (details.open && fresh[index]) fresh[index].open = true
  })
}

/** Where the keyboard was: the piece, and which of its controls. */
function remember(root) {
  const active = document.activeElement
  if (!active || !root.contains(active)) return null
  const piece = active.closest('[data-fragment]')
  if (!piece) return null
  const controls = [...piece.querySelectorAll('a, button, summary, input')]
  return {
    active,
    id: piece.id,
    wasButton: active.matches('form[data-route-step] button'),
    index: controls.indexOf(active),
  }
}

/** Puts the keyboard back: "choose" becomes "remove" under the finger, so that one can go on or take it back. */
function restore(root, focused) {
  if (!focused || document.contains(focused.active)) return
  const piece = document.getElementById(focused.id)
  if (!piece) return root.querySelector('#own-items')?.focus({ preventScroll: true })
  const step = piece.querySelector('form[data-route-step] button')
  const controls = [...piece.querySelectorAll('a, button, summary, input')]
  const target = (focused.wasButton && step) || controls[focused.index] || (piece.tabIndex === -1 ? piece : controls[0])
  ;(target ?? piece).focus({ preventScroll: true })
}
