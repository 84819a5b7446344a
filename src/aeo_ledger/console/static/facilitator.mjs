// The facilitator's page: who is where, and the code. Its secret stands behind # in the address, which no server and no other page is told.
import { el, find, show } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask, keepSeat } from "./gateway.mjs";
import { grouped, readBundle } from "./pinned.mjs";
import { follow, tellHappenings, tellPeople } from "./workshop_room.mjs";
import { say } from "./words.mjs";

keepSeat(location.hash.slice(1));
try {
  const { code } = await ask("/workshop/facilitator");
  find("code").textContent = code;
  find("address").textContent = `${location.origin}/console`;
  find("fingerprint").textContent = grouped(readBundle(JSON.stringify(await ask("/v1/trust"))).fingerprint);
  await follow((state) => {
    tellPeople(find("people"), state.tables, (party, people) => people.length > 0 && el("button", { class: "second", type: "button", onclick: () => clear(party) }, say("Clear the table of {party}", { party })));
    tellHappenings(find("happens"), state.happenings);
  });
} catch (error) {
  find("code").textContent = "–"; // a room that is gone has no code
  showProblem(find("people"), error);
}

async function clear(party) {
  try { await ask("/workshop/clear", { body: { party } }); } catch (error) { showProblem(find("notices"), error, say("This was not done")); }
}
