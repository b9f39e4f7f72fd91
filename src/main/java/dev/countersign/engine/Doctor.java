package dev.countersign.engine;

import dev.countersign.api.Check;
import java.util.List;

/// Looks at what the product needs of this machine. Composed in `app` from what each room knows.
@FunctionalInterface
public interface Doctor {
    /// Everything, in the order to fix it. Takes a second or two.
    List<Check> look();
}
