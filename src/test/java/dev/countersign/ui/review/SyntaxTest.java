package dev.countersign.ui.review;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntaxTest {
    private static String parts(String path, String line) {
        return Syntax.of(path).tokens(line, "").stream()
                .map(token ->
                        token.part().name().charAt(0)
                                + ":"
                                + line.substring(token.from(), token.to()))
                .collect(Collectors.joining(" | "));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '~',
            textBlock =
                    """
                    a/B.java      ~ return "a // b" + 12; // done     ~ K:return | T:"a // b" | N:12 | C:// done
                    a.ts          ~ const u = `x`;                    ~ K:const | T:`x`
                    m.py          ~ def f(x): # why                   ~ K:def | C:# why
                    run.sh        ~ if [ $# -gt 0 ]; then             ~ K:if | N:0 | K:then
                    x.yaml        ~ - image: "a:1" # pinned           ~ K:image | T:"a:1" | C:# pinned
                    lib.rs        ~ fn f<'a>(s: &'a str) {}           ~ K:fn | K:str
                    q.sql         ~ SELECT 1 -- one                   ~ K:SELECT | N:1 | C:-- one
                    Dockerfile    ~ FROM x AS y                       ~ K:FROM | K:AS
                    p.xml         ~ <a b="c">don't</a>                ~ K:<a | T:"c" | K:</a
                    a.js          ~ get("http://h/a")                 ~ T:"http://h/a"
                    """)
    void partsAreToldByTheRulesOfTheFilesLanguage(String path, String line, String expected) {
        assertThat(parts(path.strip(), line.strip())).isEqualTo(expected.strip());
    }

    @Test
    void aFileOfAnUnknownKindHasNoParts() {
        assertThat(Syntax.of("notes.unknown").tokens("if return \"x\"", "")).isEmpty();
        assertThat(Syntax.of("LICENSE").tokens("return 1", "")).isEmpty();
    }

    @Test
    void aCommentGoesOnUntilItEnds() {
        Syntax java = Syntax.of("A.java");
        String open = java.after("int a; /* begins", "");
        assertThat(open).isEqualTo("*/");
        assertThat(java.tokens("return 1", open))
                .containsExactly(new Syntax.Token(0, 8, Syntax.Part.COMMENT));
        assertThat(java.after("return 1", open)).isEqualTo(open);
        assertThat(java.after("ends */ int b;", open)).isEmpty();
        assertThat(java.tokens("ends */ int b;", open))
                .containsExactly(
                        new Syntax.Token(0, 7, Syntax.Part.COMMENT),
                        new Syntax.Token(8, 11, Syntax.Part.KEYWORD));
        assertThat(Syntax.of("a.py").after("x = \"\"\"begins", "")).isEqualTo("\"\"\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"", "'", "`", "/*", "<", "</", "<!--", "\\", "#", "1", "a.", "$", "\uD83D"
            })
    void partsLieInOrderWithinTheLineWhateverIsInIt(String piece) {
        String line = piece.repeat(2_000);
        for (String path : List.of("a.java", "a.ts", "a.py", "a.rs", "a.yaml", "a.xml", "a.sql")) {
            int at = 0;
            for (Syntax.Token token : Syntax.of(path).tokens(line, "")) {
                assertThat(token.from()).isGreaterThanOrEqualTo(at);
                assertThat(token.to())
                        .isGreaterThan(token.from())
                        .isLessThanOrEqualTo(line.length());
                at = token.to();
            }
        }
    }
}
