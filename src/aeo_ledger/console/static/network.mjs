// Network: who recognises whom, as a map and as a table. The table says all that the map shows.
import { el, find, show, svg, table } from "./dom.mjs";
import { showProblem } from "./frame.mjs";
import { ask } from "./gateway.mjs";
import { dayOf } from "./times.mjs";
import { codesOf, parties, stateInWords, stateOf } from "./told.mjs";
import { name, names, say } from "./words.mjs";

const SIZE = 640, MIDDLE = SIZE / 2, RADIUS = 250, NODE = 28;
const form = find("network"), place = find("result");

// Every party on a circle, the first one at the top.
const spread = (members) => new Map(members.map((member, at) => {
  const angle = (2 * Math.PI * at) / members.length - Math.PI / 2;
  return [member.code, { x: MIDDLE + RADIUS * Math.cos(angle), y: MIDDLE + RADIUS * Math.sin(angle) }];
}));

// A curve from one party to another that keeps to its right, so that both directions are seen. It ends at the edge of the other's sign.
function curve(from, to) {
  const dx = to.x - from.x, dy = to.y - from.y, length = Math.hypot(dx, dy);
  const bend = { x: (from.x + to.x) / 2 - (dy / length) * length * 0.12, y: (from.y + to.y) / 2 + (dx / length) * length * 0.12 };
  const away = Math.hypot(to.x - bend.x, to.y - bend.y), stop = (away - NODE - 10) / away;
  const end = { x: bend.x + (to.x - bend.x) * stop, y: bend.y + (to.y - bend.y) * stop };
  return `M${from.x.toFixed(1)} ${from.y.toFixed(1)} Q${bend.x.toFixed(1)} ${bend.y.toFixed(1)} ${end.x.toFixed(1)} ${end.y.toFixed(1)}`;
}

const classOf = { in_force: "lane", waits: "lane waits", suspended: "lane stopped", ended: "lane stopped" };
const BEST = ["in_force", "waits", "suspended", "ended"];

function draw(members, rows) {
  const places = spread(members), codes = codesOf(members);
  const belongs = members.flatMap((member) => member.memberships.filter(({ union }) => union !== 0).map(({ union }) => [member.code, codes.get(union)]))
    .filter(([one, other]) => places.has(one) && places.has(other));
  const lanes = new Map();
  for (const { recogniser, register, state } of rows) {
    const key = `${recogniser} ${register}`;
    if (!lanes.has(key) || BEST.indexOf(state) < BEST.indexOf(lanes.get(key).state)) lanes.set(key, { recogniser, register, state });
  }
  return svg("svg", { class: "map", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": say("Map of who recognises whom. The table below says the same.") },
    svg("defs", {}, svg("marker", { id: "head", viewBox: "0 0 10 10", refX: "8", refY: "5", markerWidth: "5", markerHeight: "5", orient: "auto" }, svg("path", { class: "head", d: "M0 0 10 5 0 10z" }))),
    belongs.map(([one, other]) => svg("path", { class: "member", d: `M${places.get(one).x} ${places.get(one).y} L${places.get(other).x} ${places.get(other).y}` })),
    [...lanes.values()].map(({ recogniser, register, state }) => svg("path", { class: classOf[state], d: curve(places.get(recogniser), places.get(register)), "marker-end": "url(#head)" })),
    members.map(({ code, kind }) => {
      const { x, y } = places.get(code);
      return svg("g", {}, kind === "union" ? svg("rect", { class: "union", x: x - NODE, y: y - NODE, width: 2 * NODE, height: 2 * NODE, rx: 6 }) : svg("circle", { class: "party", cx: x, cy: y, r: NODE }), svg("text", { x, y }, code));
    }));
}

const line = (className) => svg("svg", { viewBox: "0 0 56 16", "aria-hidden": "true" }, svg("path", { class: className, d: "M2 8H54" }));
const legend = () => el("ul", { class: "legend map" }, [["lane", say("in force: an arrow from who recognises")], ["lane waits", say("signed, not in force")], ["lane stopped", say("suspended or ended")], ["member", say("member of a union (square)")]]
  .map(([className, text]) => el("li", {}, line(className), text)));

const many = (kind, values, all) => values.length === all ? say("all") : names(kind, values);

try {
  const [members, { pairs }] = await Promise.all([parties(), ask("/v1/arrangements")]), now = Date.now() / 1000;
  const rows = pairs.flatMap((pair) => pair.lanes.map((lane) => ({ ...lane, recogniser: pair.recogniser, register: pair.register, withheld: pair.withheld, state: stateOf(lane, now) })));
  const tell = () => {
    const only = form.elements.party.value;
    const shown = rows.filter((row) => only === "" || row.recogniser === only || row.register === only);
    const near = only === "" ? members : members.filter((member) => member.code === only || shown.some((row) => row.recogniser === member.code || row.register === member.code));
    show(place, draw(near, shown), legend(),
      el("p", { class: "hint" }, say("What the gateway says; a question on the page Verify is checked.")),
      table(say("Who recognises whose certificates"), [say("Recogniser"), say("Register"), say("Arrangement"), say("State"), say("Since"), say("Until"), say("Types"), say("Role"), say("Direction"), say("Benefits")],
        shown.map((row) => [row.recogniser, row.register, row.arrangement, stateInWords(row.state), row.in_force_from ? dayOf(row.in_force_from, row.recogniser) : "–", row.until ? dayOf(row.until, row.recogniser) : "–", row.types.join(", "),
          many("Role", row.roles, 15), many("Direction", row.directions, 3), names("Benefit", row.benefits)])),
      table(say("Unions and their members"), [say("Union"), say("Members")], members.filter((member) => member.kind === "union").map((union) => [union.code,
        members.filter((member) => member.memberships.some((membership) => membership.union === union.number)).map((member) => member.code).join(", ") || "–"])));
  };
  show(form.elements.party, el("option", { value: "" }, say("everybody")), members.map((member) => el("option", { value: member.code }, `${member.code} (${name("PartyKind", member.kind)})`)));
  form.elements.party.addEventListener("change", tell);
  form.hidden = false;
  tell();
} catch (error) { showProblem(place, error); }
