package dev.countersign.secrets;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/// Tells what was drawn at random from what a person wrote. Two explanations of a value compete: a
/// random draw from the alphabet that it uses, and text made of words, by letter triples learned
/// from `words.txt`. What counts is by how many bits the first is the better one, so a longer value
/// is surer, and neither a length nor an entropy decides alone.
final class WordModel {
    private static final int DIGIT = 26;
    private static final int OTHER = 27;
    private static final int SYMBOLS = 28;

    /// Bits of each symbol behind two others.
    private static final float[] BITS = learned();

    private static final double TEN = Math.log(10) / Math.log(2);
    private static final double SIGN = 3;
    private static final double HUMP = 3.5;
    private static final double SAME_CASE = 0.15;

    private WordModel() {}

    /// By how many bits chance explains the value better than words do; negative for words,
    /// identifiers, paths. About 2 bits for each random hexadecimal digit, 2.5 to 3 for each random
    /// letter or digit.
    static double chance(CharSequence value) {
        double words = 0;
        int first = OTHER;
        int second = OTHER;
        boolean upper = false;
        boolean previousLetter = false;
        Alphabet alphabet = new Alphabet();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            int symbol = symbol(c);
            words += BITS[(first * SYMBOLS + second) * SYMBOLS + symbol];
            if (symbol == DIGIT) {
                words += TEN;
            } else if (symbol == OTHER) {
                words += c == '_' || c == '-' || c == '.' || c == '/' ? 1 : SIGN;
            } else {
                boolean isUpper = c <= 'Z';
                boolean turns = previousLetter && isUpper != upper;
                words += !turns ? SAME_CASE : isUpper ? HUMP : 1;
                upper = isUpper;
            }
            previousLetter = symbol < DIGIT;
            alphabet.add(c);
            first = second;
            second = symbol;
        }
        return words - alphabet.bits() * value.length();
    }

    private static int symbol(char c) {
        if (c >= 'a' && c <= 'z') {
            return c - 'a';
        }
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        return c >= '0' && c <= '9' ? DIGIT : OTHER;
    }

    /// What a value is drawn from, if it is drawn.
    private static final class Alphabet {
        private boolean lower;
        private boolean upper;
        private boolean digit;
        private boolean beyondHex;
        private long signs;
        private long moreSigns;

        void add(char c) {
            if (c >= 'a' && c <= 'z') {
                lower = true;
                beyondHex |= c > 'f';
            } else if (c >= 'A' && c <= 'Z') {
                upper = true;
                beyondHex |= c > 'F';
            } else if (c >= '0' && c <= '9') {
                digit = true;
            } else if (c < 64) {
                signs |= 1L << c;
            } else {
                moreSigns |= 1L << (c & 63);
            }
        }

        double bits() {
            int letters = beyondHex ? 26 : 6;
            int size =
                    (lower ? letters : 0)
                            + (upper ? letters : 0)
                            + (digit ? 10 : 0)
                            + Math.min(16, 2 * Long.bitCount(signs) + 2 * Long.bitCount(moreSigns));
            return Math.log(Math.max(2, size)) / Math.log(2);
        }
    }

    private static float[] learned() {
        double[] triples = new double[SYMBOLS * SYMBOLS * SYMBOLS];
        double[] pairs = new double[SYMBOLS * SYMBOLS];
        double[] singles = new double[SYMBOLS];
        try (InputStream in = WordModel.class.getResourceAsStream("words.txt");
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        Objects.requireNonNull(in), StandardCharsets.UTF_8))) {
            lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> Arrays.stream(line.split(" ")))
                    .filter(word -> !word.isEmpty())
                    .forEach(word -> learn(word, triples, pairs, singles));
        } catch (IOException e) {
            throw new UncheckedIOException("the words are part of the program", e);
        }
        return bits(triples, pairs, singles);
    }

    private static void learn(String word, double[] triples, double[] pairs, double[] singles) {
        int first = OTHER;
        int second = OTHER;
        for (int i = 0; i <= word.length(); i++) {
            int symbol = i < word.length() ? word.charAt(i) - 'a' : OTHER;
            triples[(first * SYMBOLS + second) * SYMBOLS + symbol]++;
            pairs[second * SYMBOLS + symbol]++;
            singles[symbol]++;
            first = second;
            second = symbol;
        }
    }

    /// Triples, backed by pairs and by the joint of two words, since `loginpage` is written in one.
    private static float[] bits(double[] triples, double[] pairs, double[] singles) {
        float[] bits = new float[triples.length];
        double letters = Arrays.stream(singles, 0, DIGIT).sum();
        for (int first = 0; first < SYMBOLS; first++) {
            for (int second = 0; second < SYMBOLS; second++) {
                int row = first * SYMBOLS + second;
                double seen = sum(triples, row) + 4;
                double seenPairs = sum(pairs, second) + 4;
                double end = (pairs[second * SYMBOLS + OTHER] + 0.5) / seenPairs;
                double starts = sum(pairs, OTHER);
                for (int symbol = 0; symbol < SYMBOLS; symbol++) {
                    double letter = symbol < DIGIT ? (singles[symbol] + 1) / (letters + 26) : 0;
                    double pair = (pairs[second * SYMBOLS + symbol] + 4 * letter) / seenPairs;
                    double start =
                            symbol < DIGIT ? (pairs[OTHER * SYMBOLS + symbol] + 1) / starts : 0;
                    double p =
                            0.84
                                    * ((triples[row * SYMBOLS + symbol] + 4 * pair) / seen * 0.8
                                            + pair * 0.1
                                            + end * start * 0.1);
                    bits[row * SYMBOLS + symbol] =
                            (float) (-Math.log(known(p, second, symbol)) / Math.log(2));
                }
            }
        }
        return bits;
    }

    /// Words hold no digits; how often identifiers do is set by hand.
    private static double known(double learned, int before, int symbol) {
        if (symbol == DIGIT) {
            return before == DIGIT ? 0.4 : before == OTHER ? 0.08 : 0.03;
        }
        if (symbol == OTHER) {
            return before == OTHER ? 0.1 : before == DIGIT ? 0.25 : 0.1;
        }
        return before == DIGIT ? 0.2 / 26 + learned * 0.05 : Math.max(learned, 2e-4);
    }

    private static double sum(double[] counts, int row) {
        double sum = 0;
        for (int symbol = 0; symbol < SYMBOLS; symbol++) {
            sum += counts[row * SYMBOLS + symbol];
        }
        return sum;
    }
}
