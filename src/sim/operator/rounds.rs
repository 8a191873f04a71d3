//! The other kinds of work, one round of each: goods are brought from place to place, picked into a cart, packed, loaded,
//! taken back and inspected.

use crate::heard::Screen;
use crate::operator::{Act, Answer, Operator, WorkError};
use crate::warehouse::{Cart, Inspection, Load, Pack, Returned, Transport, Warehouse};

/// A well-formed number that no unit here has.
const STRANGE_UNIT: &str = "]C0TOTE-99";

fn place(location: &str) -> String {
    format!("]C0LOC-{location}")
}

fn unit(number: &str) -> String {
    format!("]C0TOTE-{number}")
}

impl Operator {
    /// Brings goods where they are planned to be, without the network: set down, taken back, and set down again.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn transport(&mut self, warehouse: &Warehouse, work: &Transport) -> Result<(), WorkError> {
        self.open_listed(&work.reference).await?;
        self.network.cut();
        self.scan(&place(&work.to), Answer::Reject).await?;
        self.scan(&place(&work.from), Answer::Go).await?;
        self.carry(warehouse, work).await?;
        self.press(&["undo"], Answer::Accept(1)).await?;
        self.scan(&place(&work.to), Answer::Accept(1)).await?;
        self.network.mend();
        self.press(&["done"], Answer::Accept(1)).await
    }

    /// Moves goods without a plan: the device begins the task by itself.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn move_unplanned(&mut self, warehouse: &Warehouse, work: &Transport) -> Result<(), WorkError> {
        self.network.cut();
        self.press(&["menu"], Answer::Ask).await?;
        self.press(&["1"], Answer::Ask).await?;
        self.scan(&place(&work.from), Answer::Accept(1)).await?;
        self.carry(warehouse, work).await?;
        self.press(&["done"], Answer::Accept(1)).await?;
        self.network.mend();
        Ok(())
    }

    /// Counts an empty place without a plan.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn count_unplanned(&mut self, location: &str) -> Result<(), WorkError> {
        self.press(&["menu"], Answer::Ask).await?;
        self.press(&["3"], Answer::Ask).await?;
        self.scan(&place(location), Answer::Accept(1)).await?;
        self.press(&["done"], Answer::Ask).await?;
        self.press(&["enter"], Answer::Accept(1)).await?;
        self.record.lines += 1;
        self.press(&["done"], Answer::Accept(1)).await
    }

    async fn carry(&mut self, warehouse: &Warehouse, work: &Transport) -> Result<(), WorkError> {
        for _ in 0..work.scans {
            self.scan(&work.label, Answer::Go).await?;
        }
        self.scan(&place(&work.to), Answer::Accept(1)).await?;
        let article = &warehouse.articles[work.article];
        self.record.moved(Act::Moved, article.number, work.pieces.into());
        self.record.lines += 1;
        Ok(())
    }

    /// Picks into the totes of a cart, takes a whole pallet, and puts all of it down for those who come next.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn pick_cart(&mut self, warehouse: &Warehouse, cart: &Cart) -> Result<(), WorkError> {
        self.open_listed(&cart.reference).await?;
        for (tote, bin, pieces) in &cart.lines {
            let stands = &warehouse.bins[*bin];
            let article = warehouse.article_in(*bin);
            let label = article.piece_label(stands.lot.as_deref(), stands.expiry);
            self.scan(&place(&stands.location), Answer::Go).await?;
            self.scan(&label, Answer::Go).await?;
            self.scan(STRANGE_UNIT, Answer::Reject).await?;
            self.scan(&unit(tote), Answer::Accept(1)).await?;
            for _ in 1..*pieces {
                self.scan(&label, Answer::Accept(1)).await?;
            }
            self.record.moved(Act::Picked, article.number, (*pieces).into());
            self.record.lines += 1;
        }
        let stands = &warehouse.bins[cart.pallet_bin];
        self.scan(&place(&stands.location), Answer::Go).await?;
        self.scan(&unit(&cart.pallet), Answer::Accept(1)).await?;
        let article = warehouse.article_in(cart.pallet_bin);
        self.record
            .moved(Act::Picked, article.number, stands.quantity.into());
        self.record.lines += 1;
        // The totes, the pallet, and the end of the task.
        let facts = cart.lines.len() + 2;
        self.scan(&place(&cart.hand_over), Answer::Accept(facts)).await
    }

    /// Packs a tote into a carton, and weighs it.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn pack(&mut self, warehouse: &Warehouse, work: &Pack) -> Result<(), WorkError> {
        self.open_listed(&work.reference).await?;
        self.scan(&unit(&work.carton), Answer::Go).await?;
        let stood = &warehouse.bins[work.bin];
        let article = warehouse.article_in(work.bin);
        let label = article.piece_label(stood.lot.as_deref(), stood.expiry);
        for _ in 0..work.pieces {
            self.scan(&label, Answer::Accept(1)).await?;
        }
        self.scan(&article.misread(), Answer::Reject).await?;
        self.press(&["done"], Answer::Ask).await?;
        // The weight, the carton, and the end of the task.
        self.press(&["1", "2", "enter"], Answer::Accept(3)).await?;
        self.record.moved(Act::Packed, article.number, work.pieces.into());
        self.record.lines += 1;
        Ok(())
    }

    /// Loads units onto the right truck, and seals it.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn load(&mut self, work: &Load) -> Result<(), WorkError> {
        self.open_listed(&work.reference).await?;
        self.scan(STRANGE_UNIT, Answer::Reject).await?;
        self.scan(&place(&work.door), Answer::Go).await?;
        self.scan(STRANGE_UNIT, Answer::Reject).await?;
        for number in &work.units {
            self.scan(&unit(number), Answer::Accept(1)).await?;
            self.press(&["undo"], Answer::Accept(1)).await?;
            self.scan(&unit(number), Answer::Accept(1)).await?;
            self.record.lines += 1;
        }
        self.press(&["done"], Answer::Ask).await?;
        self.press(&["4", "7", "enter"], Answer::Accept(2)).await
    }

    /// Takes two pieces back: the first is as new, the second broken.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn take_back(&mut self, warehouse: &Warehouse, work: &Returned) -> Result<(), WorkError> {
        self.open_listed(&work.reference).await?;
        self.scan(&work.label, Answer::Ask).await?;
        self.press(&["1"], Answer::Accept(1)).await?;
        self.scan(&place(&work.shelf), Answer::Go).await?;
        self.network.cut();
        self.scan(&work.label, Answer::Ask).await?;
        self.press(&["2"], Answer::Accept(1)).await?;
        self.network.mend();
        let article = &warehouse.articles[work.article];
        self.record.moved(Act::Returned, article.number, 2);
        self.record.lines += 1;
        self.press(&["done"], Answer::Accept(1)).await
    }

    /// Looks at goods where they lie: one piece is released, one goes on hold after it had been called broken, and the rest
    /// is broken.
    ///
    /// # Errors
    /// [`WorkError`]
    pub async fn inspect(&mut self, warehouse: &Warehouse, work: &Inspection) -> Result<(), WorkError> {
        self.open_listed(&work.reference).await?;
        let bin = &warehouse.bins[work.bin];
        let article = warehouse.article_in(work.bin);
        let label = article.piece_label(bin.lot.as_deref(), bin.expiry);
        self.scan(&label, Answer::Reject).await?;
        self.scan(&place(&bin.location), Answer::Go).await?;
        self.scan(&article.misread(), Answer::Reject).await?;
        self.scan(&label, Answer::Ask).await?;
        self.press(&["1"], Answer::Accept(1)).await?;
        self.network.cut();
        self.call_broken(&label).await?;
        self.press(&["undo"], Answer::Accept(1)).await?;
        self.scan(&label, Answer::Ask).await?;
        self.press(&["2"], Answer::Accept(1)).await?;
        for _ in 2..work.pieces {
            self.call_broken(&label).await?;
        }
        self.network.mend();
        self.record
            .moved(Act::Inspected, article.number, work.pieces.into());
        self.record.lines += 1;
        self.press(&["done"], Answer::Accept(1)).await
    }

    async fn call_broken(&mut self, label: &str) -> Result<(), WorkError> {
        self.scan(label, Answer::Ask).await?;
        self.press(&["3"], Answer::Ask).await?;
        self.press(&["1"], Answer::Accept(1)).await
    }

    /// Opens the task of a document as soon as the list on the screen has it.
    async fn open_listed(&mut self, reference: &str) -> Result<(), WorkError> {
        let lists = |screen: &Screen| {
            let choices = screen.question.iter().flat_map(|question| &question.choices);
            choices.into_iter().any(|choice| choice.label.contains(reference))
        };
        self.station.screen_that(reference, lists).await?;
        self.open(reference).await
    }
}
