// The ledger's names and numbers: a name's number is its place. Source: tests/conformance/vectors/recognition/README.md, sections 1, 4, 5 and 7.

const names = (text) => Object.freeze(text.split(" "));

export const DIRECTIONS = names("import export transit");
export const ROLES = names("manufacturer importer exporter broker carrier consolidator intermediary port airport terminal_operator " +
  "integrated_operator warehouse distributor freight_forwarder other");
export const BENEFITS = names("fewer_document_checks fewer_inspections priority_inspection liaison_officer priority_after_disruption " +
  "lower_risk_score faster_release reduced_security_data");
export const STATUSES = names("none active suspended revoked withdrawn annulled");
/** Reasons of a no, by precedence. */
export const REASONS = names("no_certificate annulled revoked withdrawn suspended not_yet_effective expired party_gone no_arrangement " +
  "arrangement_not_in_force arrangement_ended arrangement_suspended type_out_of_scope role direction benefits_withheld");

/** Kinds of aliases: number, and the form of a code. */
export const KINDS = Object.freeze({
  __proto__: null,
  MID: [1, /^(?!CA)[A-Z]{2}[A-Z0-9]{1,6}[0-9]{0,4}[A-Z]{1,3}$/], "JP-12": [2, /^[A-Z0-9]{12}$/], "JP-14": [3, /^[A-Z0-9]{14}$/],
  AEOCN: [4, /^AEOCN[0-9]{10}$/], AEOSG: [5, /^AEOSG[A-Z0-9]{12}$/], LEI: [6, /^[A-Z0-9]{18}[0-9]{2}$/], GLN: [7, /^[0-9]{13}$/],
  DUNS: [8, /^[0-9]{9}$/],
});
