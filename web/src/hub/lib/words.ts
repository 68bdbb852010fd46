// Every word the hub's pages say by themselves, in both languages. What the report says too comes from its words.
import type { Language, Text } from '../../lib/data';
import { settings } from '../../lib/state.svelte';
import { say as sayOfReport, type Word as ReportWord } from '../../lib/words';
import type { Check } from './records';
import { challenge } from './words_challenge';
import { monitor } from './words_monitor';
import { market } from './words_market';
import { people } from './words_people';
import { proving } from './words_proofs';

const common = {
  // the frame
  skip: ['跳到正文', 'Skip to the content'],
  pages: ['页面', 'Pages'],
  catalog: ['目录', 'Catalog'],
  evidences: ['证据', 'Evidence'],
  ledger: ['账本', 'Ledger'],
  footer: ['判定针对“机器人 + 方案 + 模型版本”的组合，不是对实物的认证。', 'A verdict is about robot + solution + model version together. It does not certify hardware.'],
  engine_here: ['本站引擎：{engine}', 'Engine of this hub: {engine}'],
  nothing_here: ['没有这个页面', 'There is no such page'],
  nothing_here_next: ['地址可能有误，或记录已不在本站。', 'The address may be wrong, or the record is not on this hub.'],
  to_catalog: ['回到目录', 'To the catalog'],

  // home and catalog
  hero: ['这台机器人，能\u2060不\u2060能干这份活？', 'Can this robot do this job?'],
  hero_more: ['擂台把答案变成证据：机器人与场景都是可运行的包，每个判定都能由任何人重跑，逐位一致。', 'Leitai answers with evidence: robots and jobs are packages that run, and anyone can re‑run a verdict and get the same bits.'],
  products: ['产品', 'Products'],
  scenarios: ['场景', 'Scenarios'],
  entries: ['账本条目', 'Ledger entries'],
  search: ['搜索', 'Search'],
  search_products: ['名称、厂家、编号，中文或英文', 'Name, maker or id, Chinese or English'],
  search_scenarios: ['名称、领域、规划用语，中文或英文', 'Name, sector or the plan’s words'],
  class: ['产品类别（规划“1+4”）', 'Class (the plan’s 1+4)'],
  class_short: ['类别', 'Class'],
  class_humanoid: ['人形机器人', 'Humanoid'],
  class_medical: ['医疗健康机器人', 'Medical'],
  class_collaborative: ['协作机器人', 'Collaborative'],
  class_special: ['特种机器人', 'Special-purpose'],
  class_logistics: ['物流机器人', 'Logistics'],
  class_manipulator: ['未归类的机械臂', 'Arms in no class yet'],
  sector: ['应用领域', 'Sector'],
  sector_medical: ['医疗', 'Medical'],
  sector_manufacturing: ['制造', 'Manufacturing'],
  sector_construction: ['建筑', 'Construction'],
  sector_logistics: ['商贸物流', 'Commerce and logistics'],
  'sector_elderly-care': ['养老', 'Elderly care'],
  sector_emergency: ['应急', 'Emergency'],
  sector_agriculture: ['农业', 'Agriculture'],
  sector_research: ['科研', 'Research'],
  any: ['不限', 'Any'],
  payload_min: ['负载至少', 'Payload at least'],
  reach_min: ['臂展至少', 'Reach at least'],
  figures_standing: ['数字可信度', 'Standing of figures'],
  filters: ['筛选', 'Filters'],
  clear: ['清除筛选', 'Clear filters'],
  found_products: ['{n} 个产品', '{n} products'],
  found_products_one: ['1 个产品', '1 product'],
  found_scenarios: ['{n} 个场景', '{n} scenarios'],
  found_scenarios_one: ['1 个场景', '1 scenario'],
  product: ['产品', 'Product'],
  payload_kg: ['负载', 'Payload'],
  payload_newer_kg: ['负载（新一代控制器）', 'Payload (newer controller)'],
  reach_m: ['臂展', 'Reach'],
  mass_kg: ['自重', 'Mass'],
  block_mass_kg: ['砌块质量', 'Block mass'],
  repeatability_m: ['重复定位精度', 'Repeatability'],
  dof: ['自由度', 'Axes'],
  grade_short: ['动力学', 'Dynamics'],
  verdicts: ['判定', 'Verdicts'],
  no_verdicts: ['尚无判定', 'none yet'],
  plan: ['规划用语', 'The plan’s words'],
  tier: ['难度', 'Tier'],
  tool: ['工具', 'Tool'],
  no_tool: ['不用工具', 'none'],
  not_stated: ['未公布', 'not stated'],

  // lists
  previous: ['上一页', 'Previous'],
  next: ['下一页', 'Next'],
  page_of: ['第 {page} 页，共 {pages} 页', 'Page {page} of {pages}'],
  paging: ['翻页', 'Paging'],
  loading: ['正在读取', 'Loading'],
  again: ['重试', 'Try again'],
  no_answer: ['服务器没有给出有效回答（{status}）', 'The server gave no valid answer ({status})'],
  no_answer_next: ['稍后重试；若一直如此，请查看 leitai serve 的输出。', 'Try again later; if it stays so, read what leitai serve prints.'],
  unreached: ['无法连接本站服务器', 'The hub cannot be reached'],
  unreached_next: ['确认 leitai serve 仍在运行，然后重试。', 'Make sure that leitai serve is running, then try again.'],
  empty_products: ['没有符合条件的产品', 'No product matches'],
  empty_scenarios: ['没有符合条件的场景', 'No scenario matches'],
  empty_match_next: ['放宽或清除筛选。', 'Loosen or clear the filters.'],
  empty_products_next: ['目录还没有产品。启动时可给出目录文件夹：', 'The catalog has no products yet. Name a folder of packages when the hub starts:'],
  empty_scenarios_next: ['目录还没有场景。启动时可给出目录文件夹：', 'The catalog has no scenarios yet. Name a folder of packages when the hub starts:'],

  // product
  class_as_stated: ['包中写作 {class}', 'its package says {class}'],
  version: ['包版本', 'Package version'],
  digest: ['摘要', 'Digest'],
  proofs: ['能力图谱', 'What it has been proved on'],
  proofs_note: ['每一格是一份证据：行是场景，列是声明参数的取值。点开看证据。', 'Each cell is a piece of evidence: rows are scenarios, columns the value a claim sets. A cell opens it.'],
  provers_note: ['每一格是一份证据：行是机器人，列是声明参数的取值。点开看证据。', 'Each cell is a piece of evidence: rows are robots, columns the value a claim sets. A cell opens it.'],
  figures_stated: ['数字', 'Figures'],
  figures_note: ['厂家所述，各带来源与可信度；只展示和检验，不限制试验。', 'What is stated about it, each with source and standing. They are shown and tested, and limit no trial.'],
  model_3d: ['三维模型', '3D model'],
  model_3d_note: ['拖动旋转，滑块转动关节。', 'Drag to orbit; sliders turn the joints.'],
  watch: ['看一次试验', 'Watch a trial'],
  watch_note: ['证据中记录的动作，逐位可重现；最差、居中与最好的各一次。', 'Motion as the evidence logged it, reproducible bit by bit: the worst, the median and the best trial.'],
  watch_whom: ['哪份证据', 'Which evidence'],
  watch_evidence: ['打开这份证据', 'Open this evidence'],
  world_3d: ['三维场景', 'The scenario in 3D'],
  alone: ['单独打开', 'Open by itself'],
  assumed_here: ['假定', 'Assumptions'],
  assumed_note: ['模型视为当然、而没有来源证实的内容。', 'What the model takes for granted without a source that shows it.'],
  sources: ['来源', 'Sources'],
  sources_note: ['每个数字都指向其中一条。', 'Every figure points to one of these.'],
  no_source: ['没有列出来源', 'no source listed'],
  records: ['这条记录的账本条目', 'Ledger entries of this record'],
  all_evidence: ['全部证据', 'All its evidence'],
  empty_proofs: ['还没有关于它的证据', 'No evidence about it yet'],
  empty_proofs_next: ['在本机证明，再发布证据包：', 'Prove it on your machine, then publish the bundle:'],
  cell_more: ['另有 {n} 份', '{n} more'],
  cell_none: ['无证据', 'no evidence'],
  default_value: ['默认值', 'default'],
  solution_of: ['方案 {id}', 'solution {id}'],

  // scenario
  plan_tier: ['难度 {tier}', 'tier {tier}'],
  who_proved: ['谁证明过', 'Who has proved it'],
  requirements_note: ['判据逐次试验判定；达成率须在规定置信度下不低于右列。', 'The predicate is judged in each trial; it must hold in at least the share on the right, at the claim’s confidence.'],
  rate_at_least: ['达成率不低于', 'In at least'],
  parameters_note: ['声明可设定的数值；未设定时取默认值。', 'What a claim may set; otherwise the default holds.'],
  default: ['默认', 'Default'],

  // evidence list and upload
  evidences_note: ['每份证据都带着机器人、场景、方案与种子，可在任何机器上重跑。', 'Each piece carries robot, scenario, solution and seeds, and runs again on any machine.'],
  found_evidence: ['{n} 份证据', '{n} pieces of evidence'],
  found_evidence_one: ['1 份证据', '1 piece of evidence'],
  decision: ['判定', 'Verdict'],
  of_robot: ['机器人 {id}', 'robot {id}'],
  of_scenario: ['场景 {id}', 'scenario {id}'],
  remove: ['去掉筛选：{what}', 'Remove the filter: {what}'],
  published: ['发布时间', 'Published'],
  checked: ['本站重跑：{state}', 'Re-run here: {state}'],
  empty_evidence: ['还没有证据', 'No evidence yet'],
  empty_evidence_match: ['没有符合条件的证据', 'No evidence matches'],
  publish: ['发布证据', 'Publish evidence'],
  publish_drop: ['把 *.leitai 证据包拖到这里，或', 'Drop a *.leitai bundle here, or'],
  publish_choose: ['选择文件', 'choose files'],
  publish_note: ['本站会核对签名与摘要，并抽取试验重跑。', 'The hub checks signature and digests, then runs a sample of its trials again.'],
  publish_how_note: ['发布需要登录一个有此权限的账户，或用令牌从命令行发布：', 'Publishing needs an account that may, or a token on the command line:'],
  sending: ['正在发送 {p}', 'Sending, {p}'],
  checking: ['正在核对', 'Being checked'],
  accepted: ['已收下，打开', 'Accepted: open it'],
  existed: ['本站已有，打开', 'Was here already: open it'],

  // evidence
  evidence_of: ['证据 {digest}', 'Evidence {digest}'],
  set_to: ['（{set}）', ' ({set})'],
  exploratory_short: ['探索性', 'Exploratory'],
  fresh_short: ['有效', 'Fresh'],
  signed_short: ['{name} 签名', 'Signed by {name}'],
  untrusted_short: ['签名密钥未受信任', 'Signed by an unknown key'],
  sentence_proved: ['{robot} 执行“{scenario}”{set}：经 {n} 次试验，各项要求在 {c} 置信度下均已达到。', '{robot}, “{scenario}”{set}: every deciding requirement is met at {c} confidence, after {n} trials.'],
  sentence_refuted: ['{robot} 执行“{scenario}”{set}：经 {n} 次试验，在 {c} 置信度下至少一项要求未达到。', '{robot}, “{scenario}”{set}: at least one requirement is missed at {c} confidence, after {n} trials.'],
  sentence_undecided: ['{robot} 执行“{scenario}”{set}：允许的 {n} 次试验不足以在 {c} 置信度下定论。', '{robot}, “{scenario}”{set}: the {n} trials allowed did not settle it at {c} confidence.'],
  sentence_rejected: ['{robot} 执行“{scenario}”{set}：一个任何控制器都无法突破的界限将其排除，未做试验。', '{robot}, “{scenario}”{set}: a bound that no controller can beat rules it out, so no trial was run.'],
  fresh: ['有效：所依据的一切未变', 'Fresh: nothing it rests on has changed'],
  stale: ['已失效', 'Stale'],
  freshness: ['是否仍然有效', 'Does it still stand'],
  stale_note: ['判定仍属于当时的版本；下列内容此后有变，要针对现状请重新证明。', 'The verdict still belongs to the versions it was made with. These have changed since; prove again to speak about today’s.'],
  fresh_note: ['机器人、场景、方案与引擎都与产生证据时相同。', 'Robot, scenario, solution and engine are what they were when it was made.'],
  stale_was: ['当时', 'Then'],
  stale_is: ['现在', 'Now'],
  stale_gone: ['已不在目录中', 'no longer in the catalog'],
  check: ['本站重跑', 'Re-run by this hub'],
  differs: ['重跑不一致', 'Re-run differs'],
  check_queued: ['排队中', 'Queued'],
  check_running: ['重跑中', 'Running'],
  check_agrees: ['逐位一致', 'Same bits'],
  check_refused: ['不一致', 'Differs'],
  'check_other-engine': ['引擎不同', 'Other engine'],
  check_queued_note: ['等待空闲线程；本页会自行更新。', 'Waiting for a free thread. This page updates by itself.'],
  check_running_note: ['已重跑 {done} 次，共抽取 {of} 次。本页会自行更新。', '{done} of {of} drawn trials have run again. This page updates by itself.'],
  check_agrees_note: ['本站抽取 {of} 次试验重跑，与证据逐位一致。', 'The hub drew {of} trials, ran them again and got the same bits.'],
  check_none: ['已核对', 'Checked'],
  check_none_note: ['签名与摘要一致；排除它的界限由本站重新算过，结论相同。没有试验可重跑。', 'Signature and digests agree, and the hub computed the bound again with the same result. There is no trial to run.'],
  check_refused_note: ['本站重跑的结果与证据不一致：不要采信。', 'What the hub ran differs from what the bundle says: do not rely on it.'],
  'check_other-engine_note': ['由另一版本的引擎产生，只有那一版本能重跑；签名与摘要已核对。', 'Another version of the engine made it, and only that version can run it again. Signature and digests were checked.'],
  check_seed: ['抽样种子（本站）', 'Seed of the draw, the hub’s own'],
  check_ended: ['结束于', 'Ended'],
  signed_trusted: ['由受信任的密钥签名：{name}', 'Signed by a trusted key: {name}'],
  signed_untrusted: ['已签名，但本站不认识该密钥', 'Signed, by a key this hub does not trust'],
  unsigned_long: ['未签名：没有人为它署名。任何人仍可重跑核对。', 'Unsigned: nobody has put a name to it. Anyone can still run it again.'],
  unsigned_short: ['未签名', 'Unsigned'],
  key: ['密钥', 'Key'],
  bundle: ['证据包', 'Bundle'],
  claim_digest: ['声明摘要', 'Claim digest'],
  size: ['大小', 'Size'],
  download: ['下载证据包', 'Download the bundle'],
  who_vouches: ['签名与来历', 'Signature and origin'],
  verify_yourself: ['核对下载的证据包：', 'Check the downloaded bundle:'],
  reproduce_today: ['针对现状重新证明：', 'Prove it of today’s versions:'],
  full_report: ['完整报告', 'Full report'],
  full_report_note: ['含三维回放、逐次结果与分布；由证据包生成，离线可看。', 'With 3D replay, every trial and distributions; made from the bundle, readable offline.'],
  no_report: ['此证据包不含可显示的报告。下载后用 leitai view 打开。', 'This bundle has no report the hub can show. Download it and open it with leitai view.'],
  rejection: ['排除它的界限', 'The bound that rules it out'],
  failed_in: ['{n} 次', '{n} trials'],
  failed_in_one: ['1 次', '1 trial'],
  no_failure: ['{n} 次试验没有失败。', 'No failure in {n} trials.'],
  bar_say: ['达成 {k} / {n} 次，区间 {low} 至 {high}，要求不低于 {rate}', 'held in {k} of {n}, interval {low} to {high}, at least {rate} required'],
  bars_how: ['横条为达成率的区间，竖线为要求的达成率；整条落在竖线右侧方为达成。', 'The bar is the interval of the true rate, the upright line the rate required. Met means the whole bar lies right of the line.'],
  trials_n: ['{n} 次试验', '{n} trials'],
  trials_n_one: ['1 次试验', '1 trial'],
  no_trial: ['未做试验', 'no trial'],

  // ledger
  ledger_note: ['只增不改：每条记下谁、何时、为何，并与前一条的摘要相连，改动或删除都会显露。', 'Entries are only added. Each says who, when and why, and carries the digest of the one before, so that a change or a gap would show.'],
  found_entries: ['{n} 条', '{n} entries'],
  found_entries_one: ['1 条', '1 entry'],
  subject: ['关于', 'About'],
  subject_filter: ['只看一条记录', 'Only one record'],
  subject_hint: ['如 product/ur20', 'such as product/ur20'],
  number: ['编号', 'Number'],
  when: ['时间', 'When'],
  who: ['何人', 'Who'],
  what: ['何事', 'What'],
  why: ['为何', 'Why'],
  only_this: ['只看 {subject}', 'Only {subject}'],
  'ledger_product.put': ['收录产品', 'Product put in'],
  'ledger_scenario.put': ['收录场景', 'Scenario put in'],
  'ledger_evidence.published': ['发布证据', 'Evidence published'],
  'ledger_evidence.checked': ['重跑证据', 'Evidence run again'],
  empty_ledger: ['账本还没有条目', 'The ledger has no entries yet'],
  empty_ledger_match: ['没有关于它的条目', 'No entries about it'],
  empty_ledger_next: ['收下产品、场景或证据时，条目自行产生：', 'Entries appear when products, scenarios or evidence come in:'],
} as const satisfies Record<string, readonly [string, string]>;

/** Two tables as one; a word that both have is an error of types, because one would hide the other. */
const joined = <A, B>(a: A, b: B & { [K in keyof A]?: never }): A & B => ({ ...a, ...b });
const words = joined(joined(joined(joined(joined(common, people), market), proving), challenge), monitor);

export type Word = keyof typeof words | ReportWord;
type Values = Record<string, string | number>;

export function say(language: Language, word: Word, values: Values = {}): string {
  if (!(word in words)) return sayOfReport(language, word as ReportWord, values);
  const text: string = words[word as keyof typeof words][language === 'zh' ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** A word in the chosen language. */
export const t = (word: Word, values?: Values): string => say(settings.language, word, values);

/** A word in both languages, for what outlives a change of language. */
export const both = (word: Word, values?: Values): Text => ({ zh: say('zh', word, values), en: say('en', word, values) });

/** A count in words: "1 product", "2 products". */
export function count(word: keyof typeof words, n: number): string {
  const one = `${word}_one`;
  return n === 1 && one in words ? t(one as Word) : t(word, { n: whole(n) });
}

/** A code of the data, in words where the site knows it. */
export function named(kind: 'class' | 'sector' | 'district' | 'tier' | 'ledger' | 'figure', code: string): string {
  const word = kind === 'figure' ? code : `${kind}_${code}`;
  return word in words ? t(word as Word) : code;
}

/** How far a re-execution is; where there was no trial to run, the same bits cannot be what came out. */
export const checkWord = (check: Check): Word => (check.state === 'agrees' && check.of === 0 ? 'check_none' : `check_${check.state}`);

/** 12000 as "12,000". */
export const whole = (n: number): string => n.toLocaleString(settings.language === 'zh' ? 'zh-CN' : 'en-US');
