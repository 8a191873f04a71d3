//! Chinese, in simplified characters.

use super::locale::Locale;
use super::{
    Instruction, KeyUse, Label, Names, PassWords, Words, is_left, is_out_of_reach, is_released, say,
};
use crate::confirmation::{Act, Draft, ExceptionCode, Place};
use crate::label_fault::{LabelFault, LabelFaultKind};
use crate::plan::Check;
use crate::session::work::Note;
use crate::task::TaskKind;
use crate::verdict::{MenuEntry, Question, Reason, Scanned, Wanted, Where};

pub(super) struct Chinese;

impl Words for Chinese {
    fn locale(&self) -> Locale {
        Locale {
            decimal_mark: '.',
            date_pattern: "%Y-%m-%d",
        }
    }

    fn tasks(&self) -> &'static str {
        "任务"
    }

    fn which_task(&self) -> &'static str {
        "选哪个任务？"
    }

    fn title(&self, kind: &TaskKind, reference: &str) -> String {
        let kind = match kind {
            TaskKind::Receive(_) => "收货",
            TaskKind::Putaway => "上架",
            TaskKind::Replenish => "补货",
            TaskKind::Move => "移库",
            TaskKind::Pick(_) => "拣货",
            TaskKind::Pack(_) => "打包",
            TaskKind::Load(_) => "装车",
            TaskKind::Count(_) => "盘点",
            TaskKind::Return(_) => "退货",
            TaskKind::Inspect(_) => "质检",
        };
        format!("{kind} {reference}")
    }

    fn instruction(&self, instruction: Instruction) -> &'static str {
        match instruction {
            Instruction::ChooseTask => "请扫描单据或按数字键",
            Instruction::NoTasks => "没有任务。拿到单据后请扫描",
            Instruction::ScanTote => "请扫描周转箱",
            Instruction::GoTo => "请到该库位并扫描",
            Instruction::ScanPlace => "请扫描货物所在库位",
            Instruction::ScanLocation => "请扫描要盘点的库位",
            Instruction::ScanItem => "请扫描该商品",
            Instruction::ScanAnyItem => "请扫描商品",
            Instruction::ScanUnit => "请扫描周转箱、纸箱或托盘",
            Instruction::ScanCarton => "请扫描要装的纸箱",
            Instruction::BringTo => "请送到该库位并扫描",
            Instruction::PutInto => "请放入并扫描周转箱",
            Instruction::ScanVehicle => "请扫描月台或车辆",
            Instruction::ScanSource => "请扫描取货库位",
            Instruction::ScanDestination => "请扫描放货库位",
            Instruction::HandOver => "请把周转箱放到那里并扫描库位",
            Instruction::ScanDamaged => "扫描损坏的货物",
            Instruction::ScanToLookUp => "扫描商品、库位或周转箱",
            Instruction::Asking => "正在询问中心……",
            Instruction::NothingInStock => "没有库存",
            Instruction::InStock => "有库存",
            Instruction::KeepSweeping => "请继续沿货物扫读",
            Instruction::SweepDone => "没有新的标签了。请按“完成”",
            Instruction::TooCloseToTell => "货物太近，无法区分。请扫描标签",
            Instruction::NothingMissing => "这里什么都不缺",
            Instruction::AskAgain => "服务器还不知道。请按“确定”再问一次",
            Instruction::ChooseMissing => "请按要找的那件的编号",
            Instruction::FollowSignal => "请向信号变强的方向走",
            Instruction::DriveThrough => "请让货物通过门式读写器，或扫描",
            Instruction::Passing => "货物正在通过",
            Instruction::CheckLabel => "请找到这一件并扫描其条码",
            Instruction::Complete => "全部做完。请按“完成”",
            Instruction::CheckFirst => "请先检查车辆：按“确定”",
        }
    }

    fn type_label(&self) -> &'static str {
        "请输入标签上的编码"
    }

    fn question(&self, question: &Question, names: &Names<'_>) -> String {
        match question {
            Question::Quantity { item, .. } => format!("{}：数量多少？", names.item(item)),
            Question::Lot { item } => format!("{}：请扫描或输入批次", names.item(item)),
            Question::Expiry { item } => {
                format!("{}：请扫描或输入到期日，如 20271231", names.item(item))
            }
            Question::Serial { item } => format!("{}：请扫描或输入序列号", names.item(item)),
            Question::Over { item, by } => {
                format!(
                    "{}：比预期多 {}。要记录吗？",
                    names.item(item),
                    names.quantity(*by)
                )
            }
            Question::Exception { .. } => "有什么问题？".to_owned(),
            Question::Reason { code, quantity, .. } => {
                match quantity.filter(|quantity| !quantity.is_zero()) {
                    Some(quantity) if *code == ExceptionCode::Short => {
                        format!("缺 {}。什么原因？", names.quantity(quantity))
                    }
                    _ => format!("{}。什么原因？", self.exception(*code)),
                }
            }
            Question::HowMuch { item, code, .. } => {
                format!("{}：{} 数量多少？", self.exception(*code), names.item(item))
            }
            Question::Weight { item } => format!("{}：重多少 kg？", names.item(item)),
            Question::Observe { check, unit } => {
                check_question(*check, unit.as_ref().map(|unit| unit.as_str()))
            }
            Question::Substitute { item, wanted } => {
                format!("用 {} 代替 {} 吗？", names.item(item), names.item(wanted))
            }
            Question::ShelfLife { item, expiry } => format!(
                "{}：{} 到期，时间太近。仍然要收吗？",
                names.item(item),
                names.date(*expiry)
            ),
            Question::Condition { item, .. } | Question::State { item } => {
                format!("{}：状态如何？", names.item(item))
            }
            Question::StaleHolds {
                minutes: Some(minutes),
            } => format!("冻结清单是 {minutes} 分钟前更新的。仍然装车吗？"),
            Question::StaleHolds { minutes: None } => {
                "本设备启动后冻结清单还没有更新。仍然装车吗？".to_owned()
            }
            Question::LinkItem { code } => {
                format!("没有商品使用编码 {code}。请扫描或输入它所在的商品。")
            }
            Question::LinkPack { code, item } => {
                format!("一个 {code} 里有多少 {} {}？", names.unit(item), names.item(item))
            }
            Question::Menu { .. } => "你要做什么？".to_owned(),
            Question::Pin { .. } => "请输入你的 PIN 码".to_owned(),
            Question::Interrupt { .. } => "有更急的任务。要切换吗？".to_owned(),
            Question::Empty { location } => format!("{location}：没有盘到商品。库位是空的吗？"),
            Question::CountComplete { location } => format!("{location}：盘点完了吗？"),
            Question::EndTask { open_lines: 0 } => "全部做完了吗？结束任务吗？".to_owned(),
            Question::EndTask { open_lines } => format!("还有 {open_lines} 行没做完。结束任务吗？"),
            Question::Found { code } => {
                format!("{} 不在清单上。记为找到吗？", names.code(code))
            }
            Question::TakeOver {
                holder,
                silent_minutes: Some(minutes @ 1..),
                ..
            } => format!("任务在设备 {holder} 上，它已 {minutes} 分钟没有联系。要接手吗？"),
            Question::TakeOver { holder, .. } => format!("任务在设备 {holder} 上。仍然要做吗？"),
            Question::MaybeDone { holder, .. } => {
                format!("设备 {holder} 可能已经做了这一步。还需要做吗？")
            }
            Question::TwoInView { seen } => {
                format!("看到两个码：{}。请只对准一个。", seen.join(" 和 "))
            }
            Question::WhichItem { code } => {
                format!("{}：请扫描商品或输入编号", self.exception(*code))
            }
            Question::LookUp => "想查什么？".to_owned(),
            Question::HandOver { .. } => {
                "在另一台设备上扫描或输入此代码。未发送的内容会在那里询问".to_owned()
            }
            Question::Figures => "登录以来你的数据".to_owned(),
            Question::TagMissing { item } => format!("{} 按射频标签计数。标签缺失吗？", names.item(item)),
            Question::Unsure { location, tags, .. } => {
                format!("不确定：{tags} 件。请扫描其条码，还是不计它们就结束 {location}？")
            }
            Question::Missing {
                location, more: 0, ..
            } => format!("{location} 缺少"),
            Question::Missing { location, more, .. } => format!("{location} 缺少，另有 {more} 件"),
            Question::Locate { piece } => format!("找到 {} 了吗？", piece.serial),
            Question::NewUnit => "开始新托盘并打印标签吗？".to_owned(),
            Question::Begin { entry } => match entry {
                MenuEntry::Move => "请扫描取货库位",
                MenuEntry::FoundUnit => "请扫描找到的周转箱、纸箱或托盘",
                MenuEntry::Count => "请扫描要盘点的库位",
                _ => "请扫描标签",
            }
            .to_owned(),
        }
    }

    fn type_check_digits(&self) -> &'static str {
        "请输入库位旁的数字"
    }

    fn exception(&self, code: ExceptionCode) -> &'static str {
        match code {
            ExceptionCode::Short => "比预期少",
            ExceptionCode::Over => "比预期多",
            ExceptionCode::Damaged => "损坏",
            ExceptionCode::Found => "找到",
            ExceptionCode::WrongGoods => "这里放错商品",
            ExceptionCode::Expired => "过期或临期",
            ExceptionCode::Blocked => "冻结",
            ExceptionCode::LocationFull => "库位已满",
            ExceptionCode::LocationEmpty => "库位为空",
            ExceptionCode::OtherPlace => "换库位",
            ExceptionCode::UnitFull => "周转箱已满",
            ExceptionCode::Unreadable => "标签无法读取",
            ExceptionCode::Substitute => "替代品",
            ExceptionCode::NotReachable => "够不到",
            ExceptionCode::TagMissing => "缺射频标签",
            ExceptionCode::Unsure => "射频标签不确定",
            ExceptionCode::Elsewhere => "别处已做",
        }
    }

    fn released(&self) -> &'static str {
        "放行"
    }

    fn reason(&self, word: &str) -> String {
        match word {
            "empty" => "库位为空",
            "damaged" => "损坏",
            "not_found" => "没找到",
            "broken" => "破碎",
            "wet" => "受潮",
            "dirty" => "脏污",
            "packaging" => "包装破损",
            "full" => "已满",
            "too_high" => "太高",
            "locked" => "锁着",
            "blocked" => "被挡住",
            "does_not_fit" => "放不下",
            "better_place" => "有更好的库位",
            "other_item" => "商品不对",
            "other_lot" => "批次不对",
            "mixed" => "混放",
            "not_counted" => "没有盘点",
            other => other,
        }
        .to_owned()
    }

    fn menu(&self, entry: MenuEntry) -> &'static str {
        match entry {
            MenuEntry::Inquiry => "查库存",
            MenuEntry::Move => "移动商品",
            MenuEntry::FoundUnit => "找到托盘",
            MenuEntry::Count => "盘点库位",
            MenuEntry::OtherTask => "其他任务",
            MenuEntry::HandOver => "移交",
            MenuEntry::Figures => "我的数据",
            MenuEntry::PrintLabel => "打印标签",
        }
    }

    fn label_fault(&self, fault: &LabelFault) -> String {
        use LabelFaultKind as Kind;
        let field = fault.ai.as_ref().map(|ai| format!("({ai})"));
        let what = field.unwrap_or_else(|| "条码".to_owned());
        match fault.kind {
            Kind::Empty => "没有扫到内容。".to_owned(),
            Kind::Length => format!("{what}长度不对。"),
            Kind::Character => format!("{what}含有不允许的字符。"),
            Kind::CheckDigit => format!("{what}校验位不对。"),
            Kind::Date => format!("{what}不是有效日期。"),
            Kind::Value => format!("{what}的值不存在。"),
            Kind::Fields => format!("{what}无法拆分成字段。"),
            Kind::Twice => format!("{what}出现两次且值不同。"),
            Kind::Together => format!("{what}不能与其他字段并存。"),
            Kind::Missing => format!("{what}缺少配套字段，请一并扫描标签上的另一个条码。"),
            Kind::Ambiguous => format!("{what}有两种读法。"),
        }
    }

    fn rejected(&self, reason: &Reason, names: &Names<'_>) -> Vec<String> {
        match reason {
            Reason::NoWorker => say(&["还没有人登录。", "这个任务指定了人员。", "请扫描你的工牌。"]),
            Reason::NoTask => say(&["没有打开的任务。", "请扫描单据，或按任务的数字键。"]),
            Reason::UnknownCode { code } => vec![
                format!("这里没有编码 {code}。"),
                "请扫描商品自己的标签，或按“输入”。".to_owned(),
            ],
            Reason::BadLabel { fault } => {
                vec![self.label_fault(fault), "请扫描其他标签，或按“输入”。".to_owned()]
            }
            Reason::NotWanted { scanned, wanted } => vec![
                format!("这是{}。", scanned_words(scanned, names)),
                wanted_sentence(wanted, names),
                wanted_action(wanted).to_owned(),
            ],
            Reason::WrongLocation { scanned, wanted } => vec![
                format!("这是 {scanned}。"),
                format!("需要的是 {wanted}。"),
                format!("请到 {wanted}；如果那里已做完，请按“完成”或“缺货”。"),
            ],
            Reason::WrongItem { scanned, wanted } => vec![
                format!("这是 {}。", names.item(scanned)),
                format!("需要的是 {}。", names.item(wanted)),
                "请放回，扫描正确的商品。".to_owned(),
            ],
            Reason::NotOnList { scanned } => vec![
                format!("这是 {}。", names.item(scanned)),
                "它不在清单上。".to_owned(),
                "请放回。全部做完后按“完成”。".to_owned(),
            ],
            Reason::WrongLot { scanned, wanted } => vec![
                format!("这是批次 {scanned}。"),
                format!("需要的是批次 {wanted}。"),
                "请放回，扫描正确批次的商品，或按“缺货”。".to_owned(),
            ],
            Reason::Expired { expiry } => vec![
                format!("它 {} 到期。", names.date(*expiry)),
                "时间太近。".to_owned(),
                "请放到一边，扫描另一个，或按“缺货”。".to_owned(),
            ],
            Reason::LineFull { item } => vec![
                format!("这是 {}。", names.item(item)),
                "它的数量已经够了。".to_owned(),
                "请放回。全部做完后按“完成”。".to_owned(),
            ],
            Reason::TooMany { item, quantity, open } => vec![
                format!(
                    "这样会有 {} {} {}。",
                    names.quantity(*quantity),
                    names.unit(item),
                    names.item(item)
                ),
                format!("只需要再来 {}。", names.quantity(*open)),
                "请少拿一些，必要时逐件扫描。".to_owned(),
            ],
            Reason::Blocked { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("这是 {}，批次 {lot}。", names.item(item)),
                    None => format!("这是 {}。", names.item(item)),
                },
                format!("它被冻结：{reason}。"),
                "请留在原处，拿另一个，或按“缺货”。".to_owned(),
            ],
            Reason::MayNotRelease { item, lot, reason } => vec![
                match lot {
                    Some(lot) => format!("这是 {}，批次 {lot}。", names.item(item)),
                    None => format!("这是 {}。", names.item(item)),
                },
                format!("它被冻结：{reason}。"),
                "只有办公室可以放行。请选择其他答案。".to_owned(),
            ],
            Reason::WrongUnit { scanned, wanted } => vec![
                format!("这是 {scanned}。"),
                format!("需要的是 {wanted}。"),
                format!("请扫描 {wanted}。"),
            ],
            Reason::UnitNotOnList { unit } => vec![
                format!("这是 {unit}。"),
                "它不在清单上。".to_owned(),
                "请留在原处；如果它该在这里，请按“异常”。".to_owned(),
            ],
            Reason::UnitDone { unit } => vec![
                format!("{unit} 已经做完。"),
                "请扫描下一个。如果做错了，请按“撤销”。".to_owned(),
            ],
            Reason::WrongVehicle { scanned, wanted } => vec![
                format!("这是 {scanned}。"),
                format!("需要的是 {wanted}。"),
                "不要装车。请到正确的月台。".to_owned(),
            ],
            Reason::WrongCheckDigits { location } => vec![
                "这些数字属于别的库位。".to_owned(),
                format!("需要的是 {location}。"),
                "请看清库位号，再输入旁边的数字。".to_owned(),
            ],
            Reason::WrongPin => say(&["PIN 码不对。", "请重新输入，或按 Escape。"]),
            Reason::CountedBefore { .. } => say(&["你已经盘过这里。", "必须由别人复盘。", "请选其他任务。"]),
            Reason::NoHandlingUnitNumber => say(&[
                "本设备没有新纸箱或托盘的编号了。",
                "请扫描已有标签的，或到有网络的地方。",
            ]),
            Reason::CodeKnown { code, item } => vec![
                format!("编码 {code} 已经用于 {}。", names.item(item)),
                "如果不对，请问办公室。".to_owned(),
            ],
            Reason::HubUnreachable => say(&["现在连不上服务器。", "请到有网络的地方再试。"]),
            Reason::PlaceCounted { location } => vec![
                format!("{location} 已经盘过。"),
                "请扫描下一个库位。如果做错了，请按“撤销”。".to_owned(),
            ],
            Reason::CountedByTag { serial } => vec![
                format!("序列号 {serial} 已按射频标签计过。"),
                "请扫描下一件。".to_owned(),
            ],
            Reason::SerialRepeated { serial } => {
                vec![format!("序列号 {serial} 已经计过。"), "请扫描下一件。".to_owned()]
            }
            Reason::BadEntry { typed, wanted } => vec![
                format!("“{typed}”不符合要求。"),
                wanted_sentence(wanted, names),
                "请重新输入，或按 Escape。".to_owned(),
            ],
            Reason::NothingToUndo => say(&["没有可以撤销的操作。"]),
            Reason::KeyUnused => say(&["这个键在这里没有作用。"]),
            Reason::TaskWithdrawn { .. } => {
                say(&["办公室撤回了这个任务。", "你做的都已保存。", "请选其他任务。"])
            }
            Reason::TaskDone { .. } => say(&["这个任务已经完成。", "请选其他任务。"]),
            Reason::PlacesOpen { open_lines } => vec![
                match open_lines {
                    1 => "还有 1 个库位没有盘点。".to_owned(),
                    open_lines => format!("还有 {open_lines} 个库位没有盘点。"),
                },
                "请盘点；如果够不到，请按“异常”。".to_owned(),
            ],
            Reason::PinRefused => say(&["PIN 输错次数太多。", "请重新扫描工牌。"]),
            Reason::WrongWay => say(&["货物是出去，不是进来。", "没有记录。请运进来，或扫描。"]),
            Reason::HandOverUnreadable => say(&["代码没有读完整。", "请重新扫描，或照原样输入。"]),
            Reason::HandOverUnknown => say(&[
                "本设备没有此代码的任务。",
                "请到有网络的地方，或在另一台设备上继续。",
            ]),
            Reason::LinkableCode { code } => vec![
                format!("这里没有编码 {code}。"),
                "请扫描商品自己的标签，或按“异常”说明它是什么。".to_owned(),
            ],
        }
    }

    fn recorded(&self, draft: &Draft, names: &Names<'_>) -> Vec<String> {
        let (act, forward) = draft.progress_act();
        if !forward {
            return match act.moves_goods() {
                true => vec![format!("已撤销：{}。", names.goods(draft))],
                false => say(&["已撤销。"]),
            };
        }
        let goods = names.goods(draft);
        let done = match act {
            Act::Received => format!("已收货：{goods}。"),
            Act::Picked => format!("已拣货：{goods}。"),
            Act::Counted => format!("已盘点：{goods}。"),
            Act::Moved => format!("已移动：{goods}。"),
            Act::Packed => format!("已打包：{goods}。"),
            Act::Returned => format!("已退回：{goods}。"),
            Act::Inspected if is_released(draft) => format!("已放行：{goods}。"),
            Act::StatusChanged | Act::Inspected => format!("已记录：{goods}。"),
            Act::Loaded => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} 已装车。"),
                _ => "已装车。".to_owned(),
            },
            Act::UnitClosed => match &draft.from {
                Some(Place::HandlingUnit(unit)) => format!("{unit} 已封箱。"),
                _ => "已封箱。".to_owned(),
            },
            Act::HandedOver => "已移交。".to_owned(),
            Act::Observed | Act::Reported => "已记录。".to_owned(),
            Act::CodeLinked => match &draft.goods {
                Some(linked) => format!("编码 {} 现在表示 {goods}。", linked.code),
                None => "编码已关联。".to_owned(),
            },
            Act::TaskStarted => "任务已开始。".to_owned(),
            Act::LocationCounted => match &draft.to {
                Some(Place::Location(place)) => format!("{place} 已盘点。"),
                _ => "库位已盘点。".to_owned(),
            },
            Act::LineClosed if draft.exception.is_none() => "这一行已结束。".to_owned(),
            Act::LineClosed if is_out_of_reach(draft) => "该库位已跳过。".to_owned(),
            Act::LineClosed if is_left(draft) => "这一行保持原样。".to_owned(),
            Act::LineClosed => "这一行按缺货结束。".to_owned(),
            Act::TaskClosed => "任务已完成。".to_owned(),
            Act::Reversed => "已撤销。".to_owned(),
        };
        let noted = draft.exception.as_ref().and_then(|report| match report.code {
            ExceptionCode::Over => Some("已记为比预期多。"),
            ExceptionCode::Found => Some("已记为找到。"),
            ExceptionCode::Damaged => Some("已记为损坏。"),
            ExceptionCode::NotReachable => Some("会告诉办公室该库位够不到。"),
            ExceptionCode::TagMissing => Some("会告诉办公室缺射频标签。"),
            ExceptionCode::Unsure => Some("会告诉办公室有不确定的射频标签。"),
            ExceptionCode::Elsewhere => Some("以另一台设备的记录为准。"),
            ExceptionCode::WrongGoods => Some("放错商品的情况已告知办公室。"),
            ExceptionCode::Expired => Some("已记为过期或临期。"),
            ExceptionCode::Blocked => Some("已记为冻结。"),
            ExceptionCode::LocationFull => Some("已告知办公室库位已满。"),
            ExceptionCode::LocationEmpty => Some("已告知办公室库位为空。"),
            ExceptionCode::OtherPlace => Some("已按另一个库位记录。"),
            ExceptionCode::Substitute => Some("已记为替代品。"),
            ExceptionCode::Unreadable => Some("标签的问题已告知办公室。"),
            ExceptionCode::UnitFull | ExceptionCode::Short => None,
        });
        std::iter::once(done).chain(noted.map(str::to_owned)).collect()
    }

    fn pass_words(&self) -> PassWords {
        PassWords {
            recorded: "第 {pass} 次通过：已记录 {n}。",
            nothing: "第 {pass} 次通过：没有新的。",
            units: "整托盘：{n}。",
            checks: "待查：{n}。请扫描其条码。",
            too_many: "标签太多：请分批通过。",
            incomplete: "托盘缺少一部分。",
        }
    }

    fn went(&self, place: &Where, names: &Names<'_>) -> Vec<String> {
        match place {
            Where::LoggedIn => match names.worker() {
                Some(name) => vec![format!("欢迎，{name}。")],
                None => say(&["欢迎。"]),
            },
            Where::LoggedOut => say(&["你已退出登录。"]),
            Where::Task(_) => say(&["任务已打开。"]),
            Where::LeftTask(_) => say(&["已离开任务。你做的都已保存。"]),
            Where::Location(location) => vec![format!("{location} 正确。")],
            Where::Unit(unit) => vec![format!("{unit} 正确。")],
            Where::Tote(unit) => vec![format!("从现在起放入 {unit}。")],
            Where::Vehicle(vehicle) => vec![format!("{vehicle} 正确。")],
            Where::Skipped => say(&["留到以后再做。"]),
            Where::Kept(_) => say(&["任务已保留。你做的都已保存。"]),
            Where::Back => say(&["已退回一步。"]),
            Where::Opening => say(&["下一个托盘逐件处理。"]),
            Where::InHand { item, quantity } => vec![format!(
                "手上有 {} {} {}。",
                names.quantity(*quantity),
                names.unit(item),
                names.item(item)
            )],
            Where::UnitInHand(unit) => vec![format!("手上有 {unit} 及其全部内容。")],
            Where::PutInto(Some(unit)) => vec![format!("请放入 {unit}。")],
            Where::PutInto(None) => say(&["请放入新的周转箱。"]),
        }
    }

    fn note(&self, note: Note) -> String {
        match note {
            Note::NothingRecorded => "没有记录任何内容。",
            Note::AimAtOne => "请只对准一个码。",
            Note::TaskChanged => "办公室修改了这个任务。",
            Note::LabelOrdered => "正在打印标签。",
        }
        .to_owned()
    }

    fn lease_ends(&self, minutes: u32) -> String {
        match minutes {
            0 => "已到期".to_owned(),
            minutes => format!("{minutes} 分钟后到期"),
        }
    }

    fn being_counted(&self) -> &'static str {
        "正在盘点"
    }

    fn then(&self, place: &str) -> String {
        format!("然后 {place}")
    }

    fn key(&self, key: KeyUse) -> &'static str {
        match key {
            KeyUse::Yes => "是",
            KeyUse::No => "否",
            KeyUse::Enter => "确定",
            KeyUse::Backspace => "删除",
            KeyUse::Cancel => "取消",
            KeyUse::Undo => "撤销",
            KeyUse::Done => "完成",
            KeyUse::Short => "缺货",
            KeyUse::Skip => "跳过",
            KeyUse::Exception => "异常",
            KeyUse::Menu => "菜单",
            KeyUse::Type => "输入",
            KeyUse::Leave => "离开",
            KeyUse::LogOut => "退出登录",
            KeyUse::StillToDo => "还要做",
            KeyUse::DoneAlready => "已做完",
            KeyUse::OpenUnit => "打开托盘",
            KeyUse::NewUnit => "新纸箱",
            KeyUse::Missing => "缺什么？",
        }
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Item => "商品",
            Label::Number => "编号",
            Label::Lot => "批次",
            Label::Take => "数量",
            Label::Tote => "放入",
            Label::From => "从",
            Label::To => "到",
            Label::Why => "原因",
            Label::Carton => "纸箱",
            Label::Vehicle => "车辆",
            Label::Missing => "缺少",
            Label::Code => "条码",
            Label::LinesDone => "行数",
            Label::LinesPerHour => "每小时行数",
            Label::Walking => "行走",
            Label::Scanning => "扫描",
            Label::Waiting => "等待设备",
            Label::Pauses => "休息",
            Label::Tags => "射频标签",
            Label::MaybeNext => "可能在隔壁",
            Label::Kept => "已保存",
            Label::Signal => "信号",
            Label::Serial => "序列号",
            Label::Matched => "相符",
            Label::Surplus => "多出",
            Label::Stray => "旁边的标签",
            Label::ToCheck => "待查",
            Label::HeldBy => "持有者",
            Label::MaybeDoneBy => "可能已做",
            Label::Lease => "期限",
            Label::InHand => "手上",
        }
    }
}

/// What was scanned; a space stands between a word and what follows in Latin letters.
fn scanned_words(scanned: &Scanned, names: &Names<'_>) -> String {
    match scanned {
        Scanned::Location(location) => format!("库位 {location}"),
        Scanned::Item(item) => format!("商品 {}", names.item(item)),
        Scanned::HandlingUnit(unit) => format!("周转箱或托盘 {unit}"),
        Scanned::Badge => "工牌或卡".to_owned(),
        Scanned::Reference(reference) => format!("单据 {reference}"),
        Scanned::Text(text) => format!("编码 {text}"),
    }
}

fn wanted_sentence(wanted: &Wanted, names: &Names<'_>) -> String {
    let wanted = match wanted {
        Wanted::AnyLocation => "这个任务的库位".to_owned(),
        Wanted::Location(location) => format!("库位 {location}"),
        Wanted::AnyItem => "商品".to_owned(),
        Wanted::Item(item) => format!("商品 {}", names.item(item)),
        Wanted::Tote => "周转箱".to_owned(),
        Wanted::AnyUnit => "周转箱、纸箱或托盘".to_owned(),
        Wanted::HandlingUnit(unit) => format!("周转箱或托盘 {unit}"),
        Wanted::Carton => "纸箱".to_owned(),
        Wanted::Destination => "要送到的库位".to_owned(),
        Wanted::Vehicle(vehicle) => format!("车辆 {vehicle}"),
        Wanted::Weight => "以 kg 为单位的重量".to_owned(),
        Wanted::Check(check) => check_words(*check).to_owned(),
        Wanted::Pin => "你的 PIN 码".to_owned(),
        Wanted::Badge => "工牌".to_owned(),
        Wanted::Quantity => "大于 0 的数字".to_owned(),
        Wanted::Lot => "批次".to_owned(),
        Wanted::Date => "日期，如 20271231".to_owned(),
        Wanted::Serial => "序列号".to_owned(),
        Wanted::Answer => "对问题的回答".to_owned(),
        Wanted::Done => return "不需要别的了：所有行都已做完。".to_owned(),
        Wanted::AnyPlace => "库位".to_owned(),
    };
    format!("需要的是{wanted}。")
}

const fn wanted_action(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::AnyLocation => "请先扫描库位标签。",
        Wanted::Location(_) => "请到那里扫描库位标签。",
        Wanted::AnyItem | Wanted::Item(_) => "请扫描商品，或按“输入”。",
        Wanted::Tote => "请先扫描周转箱。",
        Wanted::AnyUnit | Wanted::HandlingUnit(_) => "请扫描它的标签。",
        Wanted::Carton => "请先扫描纸箱。",
        Wanted::Destination => "请送到那里并扫描库位。",
        Wanted::Vehicle(_) => "请先扫描月台或车辆。",
        Wanted::Weight => "请输入重量并按 Enter，或按 Escape。",
        Wanted::Check(_) => "请输入或扫描，或按 Escape。",
        Wanted::Pin => "请输入并按 Enter，或按 Escape。",
        Wanted::Badge => "请扫描工牌，或按 Escape。",
        Wanted::Quantity => "请输入数字并按 Enter，或按 Escape。",
        Wanted::Lot | Wanted::Date | Wanted::Serial => "请扫描或输入，或按 Escape。",
        Wanted::Answer => "是请按 Enter，否请按 Escape。",
        Wanted::Done => "请按“完成”。",
        Wanted::AnyPlace => "请扫描库位标签。",
    }
}

/// What is to be looked at, as it is asked for.
fn check_question(check: Check, unit: Option<&str>) -> String {
    let of = unit.map_or_else(String::new, |unit| format!("{unit}："));
    match check {
        Check::Seal => format!("{of}请扫描或输入封签号"),
        Check::Temperature => format!("{of}温度是多少 °C？"),
        Check::Weight => format!("{of}毛重是多少 kg？"),
        Check::Signature => "交接人是谁？请扫描工牌或输入姓名".to_owned(),
        Check::Condition => format!("{of}状态如何？"),
    }
}

const fn check_words(check: Check) -> &'static str {
    match check {
        Check::Seal => "封签号",
        Check::Temperature => "以 °C 为单位的温度，如 -18.5",
        Check::Weight => "以 kg 为单位的毛重",
        Check::Signature => "姓名",
        Check::Condition => "状态",
    }
}
