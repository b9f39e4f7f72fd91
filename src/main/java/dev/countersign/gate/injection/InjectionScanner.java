package dev.countersign.gate.injection;

import dev.countersign.domain.GuestText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds text that was written for an agent and not for a reader, and text that a reader can't see.
///
/// Repositories are full of instructions for agents (AGENTS.md) and of text about prompt injection,
/// so one phrase alone is never a hit in text that everybody sees. A hit needs two of three: it
/// speaks to an agent or takes its orders away, it asks for something that harms, it asks to keep
/// quiet about it. In text that is hidden one of them is enough, and letters that nobody can see
/// are a hit by themselves. Work is linear in the length: every repetition has a bound.
public final class InjectionScanner {
    private static final int MOST_SCANNED = 512 * 1024;
    private static final int MOST_HITS = 5;
    private static final int EXCERPT = 200;

    /// How far the parts of one instruction stand apart.
    private static final int NEAR = 400;

    private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;

    /// Takes earlier orders away, or plays the part of somebody else in the conversation.
    private static final Pattern OVERRIDE =
            Pattern.compile(
                    "\\b(ignore|disregard|forget|override|bypass)\\s{1,4}(?:(?:all|any|every|the|your|of|these|my)\\s{1,4}){0,4}(previous|prior|above|earlier|preceding|former|existing|original|system|developer|safety|security)\\s{1,4}(?:\\w{1,20}\\s{1,4}){0,2}(instruction|direction|prompt|rule|guideline|order|constraint|polic|context|message|command|check)"
                            + "|\\b(new|updated|real|actual)\\s{1,4}(system\\s{1,4})?(instructions?|prompt|task)\\s{1,4}(for\\s{1,4}(you|the\\s{1,4}(assistant|agent|model|ai))|from\\s{1,4}(the\\s{1,4})?(system|developer|user|admin\\w{0,12}))"
                            + "|\\byou\\s{1,4}are\\s{1,4}(now|no\\s{1,4}longer)\\s{1,4}(?:a|an|in|the|bound|restricted|operating|required)\\b"
                            + "|<\\|(im_start|start_header_id|system|assistant)\\|?>|\\[/?INST]|<<SYS>>|</?(system|system-reminder|system_prompt|function_calls|tool_result|antml:[a-z_]{1,30})>|(?:^|\\n"
                            + ")\\s{0,4}(#{1,4}\\s{0,3})?(SYSTEM|System)(\\s{1,2}(message|prompt|override|notice|instruction))?\\s{0,2}:\\s"
                            + "|\\b(the|your)\\s{1,4}(user|developer|operator|owner)\\s{1,4}(has\\s{1,4})?(already\\s{1,4})?(approved|authorized|authorised|consented|granted|pre-?approved)\\b",
                    FLAGS);

    /// Speaks to the one who reads as a program.
    private static final Pattern ADDRESS =
            Pattern.compile(
                    "\\b(ai|llm|coding|autonomous|language|automated)[\\s-]{1,3}(assistants?|agents?|models?|bots?|tools?)\\b[^.\\n"
                            + "]{0,60}\\b(must|should|need|have|are\\s{1,3}required|please|shall|reading|processing|:|,)"
                            + "|\\b(note|attention|message|instructions?|important|notice|warning|reminder|hey|hello|hi|dear)\\s{0,3}[:,-]?\\s{0,3}(to|for)?\\s{0,3}(the|any|all)?\\s{0,3}(ai|llm|assistants?|agents?|claude|codex|copilot|chatgpt|gpt|gemini|cursor|qwen|bots?|language\\s{1,3}models?)\\b"
                            + "|\\bif\\s{1,4}you\\s{1,4}(are|'re)\\s{1,4}(an?\\s{1,4})?(ai|llm|assistant|agent|language\\s{1,4}model|claude|codex|copilot|chatgpt|gemini|bot|automated)\\b|\\bas\\s{1,4}an\\s{1,4}(ai|llm|agent|assistant)\\b[^.\\n"
                            + "]{0,40}\\b(must|should|need|have\\s{1,3}to|will|required)",
                    FLAGS);

    /// Asks for what harms: secrets, sending, foreign code, weaker guards, lost work.
    private static final Pattern HARM =
            Pattern.compile(
                    "\\b(run|execute|eval|invoke|call|use|type|paste)\\b[^\\n"
                            + "]{0,80}(\\bcurl\\b|\\bwget\\b|\\bbash\\b|\\bsh\\b|\\bnc\\b|https?://|base64|rm\\s{1,3}-rf|chmod|\\bsudo\\b|git\\s{1,3}push|npm\\s{1,3}(install|publish)|pip\\s{1,3}install|following\\s{1,3}(command|shell|script|code)|this\\s{1,3}(command|script))|\\b(send|post|upload|exfiltrate|transmit|forward|email|leak|report|submit|append|include|add|write|copy|paste|encode)\\b[^\\n"
                            + "]{0,100}(https?://|\\.env\\b|secret|credential|api["
                            + " _-]?key|token|password|private\\s{1,3}key|id_rsa|\\.ssh|environment\\s{1,3}variable|contents?\\s{1,3}of|system\\s{1,3}prompt|conversation)|\\b(read|open|cat|print|reveal|show|output|dump|collect|find|fetch|retrieve|extract)\\b[^\\n"
                            + "]{0,60}(\\.env\\b|\\bsecrets?\\b|credentials?|api["
                            + " _-]?keys?|access\\s{1,3}tokens?|passwords?|private\\s{1,3}keys?|id_rsa|~?/?\\.ssh|\\.aws|environment\\s{1,3}variables?|(your|the)\\s{1,3}(system\\s{1,3}prompt|instructions))|\\b(disable|turn\\s{1,3}off|skip|remove|bypass|circumvent|weaken)\\b[^\\n"
                            + "]{0,60}(\\bsecurity|sandbox|approval|confirmation|permission|gate|review|audit|logging|hooks?|checks?|tests?|guard|protection|restriction)|\\b(delete|remove|wipe|overwrite|force[-"
                            + " ]push)\\b[^\\n"
                            + "]{0,60}(all|every|repository|branch|history|files?|database|backups?|workspace)|\\b(add|create|install|insert|write)\\b[^\\n"
                            + "]{0,60}(backdoor|ssh\\s{1,3}key|authorized_keys|cron|postinstall|webhook|reverse\\s{1,3}shell|workflow)|\\bmark\\b[^\\n"
                            + "]{0,40}\\b(as\\s{1,3})?(approved|reviewed|safe|verified)\\b|\\bapprove\\b[^\\n"
                            + "]{0,40}\\b(this|the|all)\\b",
                    FLAGS);

    /// Asks to keep quiet.
    private static final Pattern SECRECY =
            Pattern.compile(
                    "\\b(do\\s{1,3}not|don['’]?t|never|must\\s{1,3}not|without|avoid)\\s{1,4}(?:\\w{1,12}\\s{1,4}){0,2}(tell(ing)?|inform(ing)?|mention(ing)?|reveal(ing)?|disclos(e|ing)|alert(ing)?|notify(ing)?|show(ing)?|ask(ing)?|warn(ing)?|report(ing)?|display(ing)?|let(ting)?)\\b[^.\\n"
                            + "]{0,40}\\b(user|developer|human|operator|anyone|anybody|owner|them|this|it|these)\\b|\\b(silently|secretly|quietly|covertly|discreetly)\\b[^.\\n"
                            + "]{0,60}\\b(run|execute|send|add|include|change|insert|upload|fetch|read|do|install)\\b"
                            + "|\\bkeep\\s{1,4}(this|it)\\s{1,4}(a\\s{1,3})?(secret|hidden|confidential|between\\s{1,3}us)\\b",
                    FLAGS);

    /// Places where a reader of the rendered text sees nothing.
    private static final Pattern COMMENT = Pattern.compile("<!--(.{1,4000}?)-->", Pattern.DOTALL);

    private static final Pattern LINK_COMMENT =
            Pattern.compile(
                    "(?m)^\\[(?://|comment|_|#)]:\\s{0,3}(?:#|<>)\\s{0,3}[(\"'](.{1,1000})[)\"']$");
    private static final Pattern UNSEEN =
            Pattern.compile(
                    "<[a-z][a-z0-9]{0,12}\\b[^>]{0,300}(?:display\\s{0,2}:\\s{0,2}none|visibility\\s{0,2}:\\s{0,2}hidden|font-size\\s{0,2}:\\s{0,2}0|opacity\\s{0,2}:\\s{0,2}0(?:[;\"'"
                            + " ]|\\.0)|color\\s{0,2}:\\s{0,2}(?:#fff(?:fff)?\\b|white\\b|transparent\\b|rgba\\([^)]{0,30},\\s{0,2}0\\))|text-indent\\s{0,2}:\\s{0,2}-\\d{3,})[^>]{0,300}>([^<]{1,2000})",
                    FLAGS);
    private static final Pattern CONCEALED =
            Pattern.compile("\\u001b\\[(?:\\d{1,3};){0,6}8(?:;\\d{1,3}){0,6}m([^\\u001b]{3,2000})");
    private static final Pattern SAME_COLOUR =
            Pattern.compile("\\u001b\\[(?:\\d{1,3};){0,3}3([0-7]);4\\1m([^\\u001b]{3,2000})");
    private static final Pattern ENCODED = Pattern.compile("[A-Za-z0-9+/_-]{48,8000}={0,2}");

    private InjectionScanner() {}

    /// Never throws on what the text holds. Empty where nothing was found.
    ///
    /// @param text of any length; of a longer one than 512 Ki characters begin and end are looked
    ///   at
    public static List<Suspicion> scan(String text) {
        List<Suspicion> found = new ArrayList<>();
        String looked =
                text.length() <= MOST_SCANNED
                        ? text
                        : text.substring(0, MOST_SCANNED / 2)
                                + "\n"
                                + text.substring(text.length() - MOST_SCANNED / 2);
        unseenLetters(looked, found);
        hidden(COMMENT, 1, "an HTML comment", looked, found);
        hidden(LINK_COMMENT, 1, "a comment in Markdown", looked, found);
        hidden(UNSEEN, 1, "an element that a page does not show", looked, found);
        hidden(CONCEALED, 1, "text that a terminal does not show", looked, found);
        hidden(SAME_COLOUR, 2, "text that a terminal does not show", looked, found);
        encoded(looked, found);
        inTheOpen(looked, found);
        return found.size() <= MOST_HITS ? found : List.copyOf(found.subList(0, MOST_HITS));
    }

    /// Characters that draw nothing and yet carry text, or that show a line in another order.
    private static void unseenLetters(String text, List<Suspicion> found) {
        StringBuilder tags = new StringBuilder();
        int selectors = 0;
        int blanks = 0;
        int run = 0;
        int longest = 0;
        boolean flag = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c >= 0xE0020 && c <= 0xE007E) {
                if (!flag) {
                    tags.append((char) (c - 0xE0000));
                }
            } else if (c != 0xE007F) {
                flag = c == 0x1F3F4; // The flags of England, Scotland and Wales are tags.
            }
            selectors += c >= 0xE0100 && c <= 0xE01EF ? 1 : 0;
            boolean blank =
                    (c >= 0x200B && c <= 0x200D)
                            || c == 0x2060
                            || (c >= 0x2061 && c <= 0x2064)
                            || c == 0x180E
                            || (c == 0xFEFF && i > 0);
            run = blank ? run + 1 : 0;
            longest = Math.max(longest, run);
            blanks += blank ? 1 : 0;
            i += Character.charCount(c);
        }
        if (tags.length() >= 3) {
            add(found, "hidden-text", "holds letters that nobody can see (tag characters)", tags);
        }
        if (selectors >= 4) {
            add(
                    found,
                    "hidden-text",
                    "holds bytes that nobody can see (variation selectors)",
                    selectors + " variation selectors");
        }
        if (longest >= 4) {
            add(
                    found,
                    "hidden-text",
                    "holds a run of characters without width",
                    blanks + " characters without width, " + longest + " in a row");
        }
        reordered(text, found);
    }

    /// Bidirectional controls in a line without any letter that is written from right to left
    /// ("Trojan Source", CVE-2021-42574).
    private static void reordered(String text, List<Suspicion> found) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c >= 0x202A && c <= 0x202E && c != 0x202C) || (c >= 0x2066 && c <= 0x2068)) {
                int from = text.lastIndexOf('\n', i) + 1;
                int end = text.indexOf('\n', i);
                String line = text.substring(from, end < 0 ? text.length() : end);
                boolean rightToLeft =
                        line.codePoints()
                                .anyMatch(p -> {
                                    byte d = Character.getDirectionality(p);
                                    return d == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                                            || d == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
                                });
                if (!rightToLeft) {
                    add(
                            found,
                            "hidden-text",
                            "shows a line in another order than it is read",
                            line);
                    return;
                }
            }
        }
    }

    private static void hidden(
            Pattern place, int group, String where, String text, List<Suspicion> found) {
        Matcher at = place.matcher(text);
        for (int i = 0; i < 500 && found.size() < MOST_HITS && at.find(); i++) {
            String inside = at.group(group);
            if (speaks(inside)) {
                add(
                        found,
                        "hidden-instruction",
                        "speaks to an agent from inside of " + where,
                        inside.strip());
            }
        }
    }

    /// Whether text that was hidden is meant for an agent.
    private static boolean speaks(String text) {
        return OVERRIDE.matcher(text).find()
                || SECRECY.matcher(text).find()
                || (ADDRESS.matcher(text).find() && HARM.matcher(text).find());
    }

    private static void encoded(String text, List<Suspicion> found) {
        Matcher at = ENCODED.matcher(text);
        for (int i = 0; i < 200 && found.size() < MOST_HITS && at.find(); i++) {
            String decoded = decoded(at.group());
            if (!decoded.isEmpty() && (speaks(decoded) || ADDRESS.matcher(decoded).find())) {
                add(found, "hidden-instruction", "speaks to an agent in base64", decoded.strip());
            }
        }
    }

    /// Empty where it is not readable text.
    private static String decoded(String word) {
        String plain = word.replace('-', '+').replace('_', '/').replaceAll("=+$", "");
        byte[] bytes;
        try {
            bytes =
                    Base64.getDecoder()
                            .decode(plain.substring(0, plain.length() - plain.length() % 4));
        } catch (IllegalArgumentException _) {
            return "";
        }
        int readable = 0;
        for (byte b : bytes) {
            readable += (b >= ' ' && b < 0x7f) || b == '\n' || b == '\t' || b == '\r' ? 1 : 0;
        }
        return readable < bytes.length * 0.95 ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    /// In text that everybody sees, two of three, near each other.
    private static void inTheOpen(String text, List<Suspicion> found) {
        String folded = text.toLowerCase(Locale.ROOT);
        if (!mayHold(folded)) {
            return;
        }
        for (Pattern opening : List.of(OVERRIDE, ADDRESS, SECRECY)) {
            Matcher at = opening.matcher(text);
            for (int i = 0; i < 200 && found.size() < MOST_HITS && at.find(); i++) {
                String near =
                        text.substring(
                                Math.max(0, at.start() - (opening == SECRECY ? NEAR : 40)),
                                Math.min(text.length(), at.end() + NEAR));
                // "Do not show the password to the user" forbids no more than it says.
                boolean forbids =
                        opening == SECRECY && !at.group().matches("(?is)(\\w+ly|keep)\\b.*");
                String rest = forbids ? near.replace(at.group(), " ") : near;
                boolean harms = HARM.matcher(rest).find();
                boolean quiet = opening != SECRECY && SECRECY.matcher(near).find();
                boolean addressed =
                        opening != SECRECY
                                || ADDRESS.matcher(near).find()
                                || OVERRIDE.matcher(near).find()
                                || near.toLowerCase(Locale.ROOT).contains("the user");

                if (quoted(text, at.start()) && !quiet) {
                    continue;
                }
                if ((harms || quiet) && addressed) {
                    add(
                            found,
                            "instruction",
                            "speaks to an agent and asks for what harms",
                            near.strip());
                    return;
                }
            }
        }
    }

    /// Words without which none of the patterns can match.
    private static boolean mayHold(String folded) {
        for (String word :
                List.of(
                        "ignore",
                        "disregard",
                        "forget",
                        "override",
                        "bypass",
                        "instruction",
                        "you are",
                        "<|",
                        "[inst",
                        "<<sys",
                        "<system",
                        "</system",
                        "system",
                        "function_calls",
                        "agent",
                        "assistant",
                        " ai",
                        "llm",
                        "claude",
                        "codex",
                        "copilot",
                        "gpt",
                        "gemini",
                        "the user",
                        "silently",
                        "secretly")) {
            if (folded.contains(word)) {
                return true;
            }
        }
        return false;
    }

    /// Whether it stands as a string in code or as a quotation: somebody writes about it.
    private static boolean quoted(String text, int at) {
        int from = text.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
        String before = text.substring(from, at);
        int end = text.indexOf('\n', at);
        String behind = text.substring(at, end < 0 ? text.length() : end);
        for (char quote : new char[] {'"', '\'', '`', '“'}) {
            char closing = quote == '“' ? '”' : quote;
            boolean open = before.chars().filter(c -> c == quote).count() % 2 == 1;
            if (open && behind.indexOf(closing) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static void add(List<Suspicion> found, String kind, String why, CharSequence excerpt) {
        String text = excerpt.toString();
        found.add(
                new Suspicion(
                        kind,
                        why,
                        GuestText.of(
                                text.length() <= EXCERPT ? text : text.substring(0, EXCERPT))));
    }
}
