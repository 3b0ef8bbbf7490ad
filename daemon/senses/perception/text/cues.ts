/** Cues in the wording of a message that the emotion model does not give. English; patterns read lower case with ' as apostrophe. */
export type Cue = 'negation' | 'sarcasm' | 'risk';

const NEGATION =
  /\b(?:not|never|no one|nobody|nothing|neither|nor|hardly|barely|without|cannot|\w+n't|ain't|dont|cant|isnt|wasnt|wont|didnt|doesnt)\b/u;

/**
 * Conventional marks of irony, few and explicit: the tone tag, stock phrases, praise of what went wrong. Sarcasm without such
 * marks needs knowledge of the world and is not looked for.
 */
const SARCASM = [
  /(?:^|\s)\/s(?:arcasm)?\s*$/u,
  /\byeah,? right\b/u,
  /\b(?:oh|well|gee),? (?:great|wonderful|fantastic|lovely|perfect|brilliant|joy)\b(?!\s+(?:news|job|idea|work))/u,
  /\b(?:just|simply) (?:great|wonderful|perfect|fantastic|lovely|brilliant|what i (?:needed|wanted))\s*(?:\.{2,}|,|\.|$)/u,
  /\bthanks (?:a lot|so much|for nothing)\b.*\b(?:again|broke|broken|late|ruin(?:ed|ing)|forgetting|forgot|nothing)\b/u,
  /\bwhat a (?:surprise|shock(?:er)?)\s*(?:\.|$)/u,
];

/**
 * A person says of themselves that they wish to be dead, think of suicide or self-harm, or see no reason to live: questions 1 to
 * 6 of the Columbia scale (Posner et al. 2011) and the spoken warning signs of the 988 lifeline and of the CDC (wanting to die,
 * no reason to live, being a burden, looking for a way). Explicit words in the first person only, so that talk about others,
 * films and figures of speech stays unflagged; much that would worry a friend is missed.
 */
const SELF = String.raw`\bi(?:'m| am|'ve| have|'d| would|'ll| will)?(?: \w+){0,3}? `;
const RISK = [
  new RegExp(
    String.raw`${SELF}(?:want(?:ed)?|wanna|wish(?:ed)?|going|gonna|plan(?:ned|ning)?|try(?:ing)?|tried|think(?:ing)?|thought|need(?:ed)?|ready|about)(?: \w+){0,2} (?:to |of |about )?(?:kill(?:ing)? myself|end(?:ing)? (?:my (?:own )?life|it all)|hurt(?:ing)? myself|harm(?:ing)? myself|cut(?:ting)? myself|tak(?:e|ing) my (?:own )?life|suicide)\b`,
    'u',
  ),
  new RegExp(
    String.raw`${SELF}(?:want(?:ed)?|wanna|wish(?:ed)?)(?: just| really| only)? (?:to )?(?:die|be dead|not (?:to )?(?:be alive|wake up|exist))\b`,
    'u',
  ),
  /\bi (?:just )?(?:don't|dont|do not|no longer) (?:want|wanna|wish)(?: to)? (?:live|be alive|exist|wake up)(?: any ?more)?\b(?! (?:in|here|with|near|there|at|like|next|on|so|early))/u,
  /\bi wish i (?:was|were|had been|could be) (?:dead|never born)\b/u,
  /\bi(?:'m| am) (?:so |feeling )?suicidal\b|\bi feel (?:so )?suicidal\b/u,
  /\bi (?:have|see|had|found?)(?: got)? (?:no|nothing|not? a(?:ny)?) (?:reason to (?:live|go on)|(?:left )?to live for)\b/u,
  /\b(?:everyone|everybody|the world|they|you|my family)(?:'d| would| will|'ll)(?: all)? be better off without me\b/u,
  /\bi (?:cut|burn(?:ed|t)?|hurt|harm(?:ed)?) myself (?:again|on purpose|last night|today|because|to feel)\b/u,
];

/** Sayings that use the words of RISK for something else, and denials. They are taken out before RISK looks. */
const NO_RISK = [
  /\bi (?:would|could|will|'d|'ll)?\s?never (?:want(?:ed)?(?: to)? |think of |thought of |try to |tried to )?(?:kill(?:ing)?|hurt(?:ing)?|harm(?:ing)?|end(?:ing)?) (?:myself|my life)\b/u,
  /\bi (?:don't|do not|didn't|did not|never) (?:really )?(?:want|wanted|wanna|wish)(?: to)? (?:die|kill myself|hurt myself|harm myself|be dead)\b/u,
  /\bi(?:'m| am) not (?:suicidal|going to (?:kill|hurt|harm) myself)\b/u,
  /\b(?:kill(?:ing)?|hurt(?:ing)?) myself (?:laughing|(?:at|in) the gym|with (?:work|laughter))\b/u,
  /\b(?:die|died|dying|kill myself) (?:of|from|with) (?:laughter|laughing|embarrassment|cringe|shame|boredom|curiosity|happiness|joy)\b/u,
];

/** What the wording alone shows. */
export function cuesOf(text: string): Cue[] {
  const plain = text.toLowerCase().replaceAll('’', "'").replace(/\s+/gu, ' ').trim();
  const cues: Cue[] = [];
  if (NEGATION.test(plain)) cues.push('negation');
  if (SARCASM.some((pattern) => pattern.test(plain))) cues.push('sarcasm');
  const serious = NO_RISK.reduce((rest, pattern) => rest.replace(pattern, ' … '), plain);
  if (RISK.some((pattern) => pattern.test(serious))) cues.push('risk');
  return cues;
}
