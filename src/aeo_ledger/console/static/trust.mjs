// Trust: the bundle is pinned in this browser once, after its fingerprint was compared with what the reader's administration told.
import { el, facts, find, hex, show } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask, GatewayError } from "./gateway.mjs";
import { digitsOf, grouped, pin, pinned, readBundle, unpin } from "./pinned.mjs";
import { moment } from "./times.mjs";
import { Refused } from "./verifier/errors.mjs";
import { encodeTrust } from "./verifier/trust.mjs";
import { verifyUpdate } from "./verifier/update.mjs";
import { number, say } from "./words.mjs";

const place = find("bundle"), form = find("pin"), fault = find("fault");

function tellPinned(said = "") {
  const kept = pinned();
  form.hidden = kept !== null;
  if (kept === null) return show(place);
  const { trust } = kept;
  return show(place, el("section", { class: "panel" }, el("h2", { tabindex: "-1", id: "kept" }, say("A trust bundle is pinned in this browser")),
    facts([
      [say("Fingerprint"), hex(grouped(kept.fingerprint))],
      [say("Ledger"), say("chain {id}", { id: String(trust.chain.id) })],
      [say("Checkpoint"), [say("block {number}, of", { number: number(trust.checkpoint.number) }), " ", moment(trust.checkpoint.time)]],
      [say("Validators"), number(trust.validators.length)],
      [say("Parties"), trust.parties.map((party) => party.code).join(", ")],
      [say("Serves until"), moment(trust.checkpoint.time + Number(trust.period))],
    ]),
    el("p", { class: "actions" }, el("a", { class: "button", href: "verify" }, say("Ask a question")), el("button", { class: "second", type: "button", onclick: moveForward }, say("Move it forward")), el("button", { class: "second", type: "button", onclick: forget }, say("Forget this bundle"))),
    el("p", { id: "moved", role: "status" }, said)));
}

// The checkpoint follows the ledger, and its validators, by proof: nothing is compared again.
async function moveForward() {
  const { trust } = pinned(), since = String(trust.checkpoint.number);
  try {
    const update = await ask("/v1/trust/update", { query: { since } });
    const { trust: moved } = verifyUpdate(JSON.stringify(update), trust, { now: Math.floor(Date.now() / 1000) });
    pin({ text: encodeTrust(moved) });
    tellPinned(say("Moved to block {number}, by proof.", { number: number(moved.checkpoint.number) }));
  } catch (error) {
    if (error instanceof GatewayError && !error.needsToken) tellPinned(error.message);
    else if (error instanceof Refused) tellPinned(say("The gateway's proof does not hold. The bundle stays as it was."));
    else showProblem(place, error);
  }
}

function forget() {
  unpin();
  tellPinned();
  form.elements.told.focus();
}

const read = (file) => file ? file.text() : ask("/v1/trust").then((bundle) => JSON.stringify(bundle));

async function compare() {
  fault.textContent = "";
  const told = digitsOf(form.elements.told.value);
  try {
    const bundle = readBundle(await read(form.elements.file.files[0]));
    if (digitsOf(bundle.fingerprint) !== told) {
      fault.textContent = say("The fingerprints differ. Nothing was pinned. Ask your administration: this is not the bundle that it told you about, or a digit is wrong.");
      form.elements.told.focus();
      return;
    }
    pin(bundle);
    form.reset();
    tellPinned();
    find("kept").focus();
  } catch (error) {
    if (error instanceof Refused) fault.textContent = say("This file is not a trust bundle.");
    else showProblem(place, error);
  }
}

form.addEventListener("submit", (event) => { event.preventDefault(); compare(); });
tellPinned();
