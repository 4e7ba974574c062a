package RecsGrowthbook;

# GrowthBook's conditions and features as nginx can say them: maps over
# headers, and blocks of recs_experiment.
#
#     my $g = RecsGrowthbook->new;
#     my $variable = $g->condition($condition, \%groups);    "$l7": 1 or 0
#     my $variable = $g->feature($name, \%context);          names of values
#     print $g->config;                                      of http{}
#     RecsGrowthbook::headers(\%attributes);                 of a request
#     $g->{arguments}                                        of any request
#
# What nginx cannot say dies with the reason.  An attribute is a header, of an
# object one per leaf; a list is ",a,b,"; null is nothing at all.

use strict;
use warnings;

use JSON::PP ();

my $NUMBER = '-?\d+(?:\.\d+)?';


sub new {
    my ($class) = @_;

    return bless { maps => '', experiments => '', arguments => '', n => 0,
                   versions => {} }, $class;
}


sub config { return $_[0]{maps} . $_[0]{experiments} }


# --- attributes -----------------------------------------------------------------

# A scalar as it stands in a header.
sub text {
    my ($value) = @_;

    return !defined $value ? ''
        : JSON::PP::is_bool($value) ? ($value ? 'true' : 'false') : "$value";
}


sub scalars {
    my ($values) = @_;

    die "a list of lists or objects\n"
        if grep { ref && !JSON::PP::is_bool($_) } @$values;
}


sub name {
    my ($path) = @_;

    return 'a-' . lc $path =~ s/[^A-Za-z0-9]+/-/gr;
}


sub headers {
    my ($attributes, $path) = @_;

    my @headers;

    for my $key (sort keys %$attributes) {
        my $value = $attributes->{$key};
        my $at = defined $path ? "$path.$key" : $key;

        if (ref $value eq 'HASH') {
            push @headers, headers($value, $at);

        } elsif (ref $value eq 'ARRAY') {
            scalars($value);
            push @headers, name($at),
                ',' . join('', map { text($_) . ',' } @$value);

        } elsif (defined $value) {
            die "an empty string, which is no other than nothing\n"
                if text($value) eq '';
            push @headers, name($at), text($value);
        }
    }

    return @headers;
}


# --- maps -------------------------------------------------------------------------

sub quoted {
    my ($text) = @_;

    return '"' . $text =~ s/(["\\])/\\$1/gr . '"';
}


# A new variable: what source is, by rows of [pattern, value]; else 0.
sub map_of {
    my ($self, $source, $rows, $default) = @_;

    my $variable = '$l' . $self->{n}++;

    $self->{maps} .= 'map ' . quoted($source) . " $variable { "
        . join('', map { quoted($_->[0]) . ' ' . quoted($_->[1]) . '; ' }
                   @$rows)
        . 'default ' . quoted($default // '0') . "; }\n";

    return $variable;
}


sub constant { return $_[0]->map_of('', [], $_[1] ? 1 : 0) }


sub matches {
    my ($self, $variable, @patterns) = @_;

    return $self->map_of($variable, [ map { ["~$_", 1] } @patterns ]);
}


sub negated {
    my ($self, $variable) = @_;

    return $self->map_of($variable, [[0, 1]]);
}


sub all_of {
    my ($self, @variables) = @_;

    return $self->constant(1) if !@variables;
    return $self->map_of(join('', map { $_ =~ s/\$(.*)/\${$1}/r } @variables),
                         [['1' x @variables, 1]]);
}


sub any_of {
    my ($self, @variables) = @_;

    return $self->constant(1) if !@variables;
    return $self->map_of(join('', map { $_ =~ s/\$(.*)/\${$1}/r } @variables),
                         [['~1', 1]]);
}


# --- order, as patterns -------------------------------------------------------------

# Strings after this one, byte by byte.
sub string_after {
    my ($text) = @_;

    my @ways = map {
        my $next = sprintf '\x%02x', 1 + ord substr $text, $_, 1;
        quotemeta(substr $text, 0, $_) . "[$next-\\xff]";
    } 0 .. length($text) - 1;

    return '^(?:' . join('|', @ways, quotemeta($text) . '.') . ')';
}


# Numbers without sign that are greater than an integer.
sub digits_after {
    my ($n) = @_;

    my @ways = ('[1-9]\d{' . length($n) . ',}(?:\.\d+)?',
                "$n\\.\\d*[1-9]\\d*");

    for my $i (0 .. length($n) - 1) {
        my $digit = substr $n, $i, 1;
        next if $digit == 9;
        push @ways, substr($n, 0, $i) . '[' . ($digit + 1) . '-9]\d{'
            . (length($n) - $i - 1) . '}(?:\.\d+)?';
    }

    return '(?:' . join('|', @ways) . ')';
}


# Numbers that are greater than an integer, or at least it.
sub number_after {
    my ($n, $equal) = @_;

    die "a comparison with $n, which is no integer\n" if $n !~ /^-?\d+$/;

    if ($n < 0) {
        my $less = '(?!' . digits_after(-$n)
            . ($equal ? '' : '|' . -$n . '(?:\.0+)?$') . ')';
        return "^(?:\\d+(?:\\.\\d+)?|-$less\\d+(?:\\.\\d+)?)\$";
    }

    return '^(?:' . digits_after($n) . ($equal ? "|$n(?:\\.0+)?" : '') . ')$';
}


# --- versions --------------------------------------------------------------------------

# As GrowthBook pads them, so that they are in order as strings.
sub padded {
    my ($text) = @_;

    my @parts = split /[-.]/, $text =~ s/^v|\+.*$//gr, -1;
    push @parts, '~' if @parts == 3;

    return join '-', map { /^\d+$/ ? sprintf '%5s', $_ : $_ } @parts;
}


# The same of a variable, by maps; of eight parts at most.
sub version {
    my ($self, $variable) = @_;

    return $self->{versions}{$variable} //= do {
        my $bare = $self->map_of($variable, [['~^v?([^+]+)', '$1']], '');
        my @parts;

        for my $i (0 .. 7) {
            my $dash = $i ? '-' : '';
            my $at = '^' . '[^-.]*[-.]' x $i;

            push @parts, $self->map_of($bare, [
                (map { ["~$at(\\d{$_})(?:[-.]|\$)",
                        $dash . ' ' x (5 - $_) . '$1'] } 1 .. 5),
                ["~$at([^-.]*)", "$dash\$1"],
            ], '');
        }

        push @parts, $self->map_of($bare,
            [['~^[^-.]*[-.][^-.]*[-.][^-.]*$', '-~']], '');

        $self->map_of(join('', map { $_ =~ s/\$(.*)/\${$1}/r } @parts),
                      [['~^(.*)$', '$1']], '');
    };
}


# --- operators -------------------------------------------------------------------------

sub listed {
    my ($values, $more) = @_;

    scalars($values);
    die "a list of numbers and strings: a header has no type\n"
        if JSON::PP->new->encode($values) =~ /"-?\d+"/
           && JSON::PP->new->encode($values) =~ /[\[,]-?\d/;
    return '(?!)' if !@$values;

    my $any = join '|', map { quotemeta text($_) } @$values;

    return ($more // '') . "(?:^(?:$any)\$|,(?:$any),)";
}


# A variable that is 1 where the attribute compares so.
sub compared {
    my ($self, $variable, $operator, $than) = @_;

    my $of = $operator =~ s/^\$v?//r;

    if ($operator =~ /^\$v/) {
        $variable = $self->version($variable);
        $than = padded(text($than));

        my $is = '^' . quotemeta($than) . '$';
        return $self->matches($variable, $is) if $of eq 'eq';
        return $self->negated($self->matches($variable, $is)) if $of eq 'ne';
    }

    my ($after, $at_least, $nothing);

    if ($operator !~ /^\$v/ && text($than) =~ /^-?\d/) {
        $after = number_after(text($than), 0);
        $at_least = number_after(text($than), 1);
        $nothing = { gt => 0 > $than, gte => 0 >= $than, lt => 0 < $than,
                     lte => 0 <= $than }->{$of};

        return $self->map_of($variable, [
            ['', $nothing ? 1 : 0],
            $of eq 'gt' ? ["~$after", 1] : $of eq 'gte' ? ["~$at_least", 1]
            : ['~' . ($of eq 'lt' ? $at_least : $after), 0],
            $of =~ /^l/ ? ["~^$NUMBER\$", 1] : (),
        ]);
    }

    $after = string_after($than);
    $at_least = "$after|^" . quotemeta($than) . '$';

    return $self->matches($variable, $of eq 'gt' ? $after : $at_least)
        if $of =~ /^g/;
    return $self->map_of($variable,
        [['', 0], ['~' . ($of eq 'lt' ? $at_least : $after), 0]], '1');
}


sub size {
    my ($self, $variable, $size) = @_;

    my $n = ref $size eq 'HASH' && keys %$size == 1 && exists $size->{'$gt'}
        ? $size->{'$gt'} + 1 . ',' : $size;
    die "\$size of operators\n" if ref $n;

    return $self->matches($variable, "^,(?:[^,]*,){$n}\$");
}


# One element that all operators hold of: where they are but patterns.
sub element {
    my ($self, $variable, $check) = @_;

    die "\$elemMatch of objects\n" if grep { !/^\$/ } keys %$check;
    die "\$elemMatch of several operators\n" if keys %$check != 1;

    my ($operator, $than) = %$check;

    my $one = $operator eq '$eq' ? quotemeta text($than)
        : $operator eq '$in' ? join('|', map { quotemeta text($_) } @$than)
        : $operator eq '$gt' ? number_after($than) =~ s/^\^|\$$//gr
        : die "\$elemMatch of $operator\n";

    return $self->matches($variable, ",(?:$one),");
}


sub operator {
    my ($self, $variable, $operator, $than, $groups) = @_;

    return $self->equal($variable, $than) if $operator eq '$eq';
    return $self->negated($self->equal($variable, $than))
        if $operator eq '$ne';
    return $self->compared($variable, $operator, $than)
        if $operator =~ /^\$(?:[gl]te?|v(?:[gl]te?|eq|ne))$/;
    return $self->negated($self->leaf($variable, $than, $groups))
        if $operator eq '$not';
    return $self->map_of($variable, [['', $than ? 0 : 1]], $than ? 1 : 0)
        if $operator eq '$exists';
    return $self->size($variable, $than) if $operator eq '$size';
    return $self->element($variable, $than) if $operator eq '$elemMatch';

    if ($operator =~ /^\$(n?)in(i?)$/) {
        my ($not, $case) = ($1, $2);
        return $self->constant(0) if ref $than ne 'ARRAY';
        my $in = $self->matches($variable,
                                listed($than, $case ? '(?i)' : ''));
        return $not ? $self->negated($in) : $in;
    }

    if ($operator =~ /^\$(in|notIn)Group$/) {
        my $in = $self->matches($variable, listed($groups->{$than} // []));
        return $1 eq 'in' ? $in : $self->negated($in);
    }

    if ($operator =~ /^\$all(i?)$/) {
        my $case = $1 ? '(?i)' : '';
        return $self->all_of(map {
            $self->matches($variable, "$case," . quotemeta(text($_)) . ',')
        } @$than);
    }

    if ($operator =~ /^\$regex(i?)$/) {
        my $case = $1 ? '(?i)' : '';
        return $self->constant(0) if !eval { qr/$than/ };
        return $self->matches($variable, $case . $than);
    }

    die "$operator\n" if $operator eq '$type';
    return $self->constant(0);
}


sub equal {
    my ($self, $variable, $value) = @_;

    die "equality with objects\n" if ref $value eq 'HASH';

    my $text = ref $value eq 'ARRAY'
        ? ',' . join('', map { text($_) . ',' } @$value) : text($value);

    return $text eq '' ? $self->map_of($variable, [['', 1]])
        : $self->matches($variable, '^' . quotemeta($text) . '$');
}


# --- conditions --------------------------------------------------------------------------

sub leaf {
    my ($self, $variable, $check, $groups) = @_;

    return $self->equal($variable, $check)
        if ref $check ne 'HASH' || !%$check || grep { !/^\$/ } keys %$check;
    return $self->all_of(map {
        $self->operator($variable, $_, $check->{$_}, $groups)
    } sort keys %$check);
}


# `value` is what "value" stands for, of the conditions on another feature.
sub condition {
    my ($self, $condition, $groups, $value) = @_;

    my @all;

    for my $key (sort keys %$condition) {
        my $check = $condition->{$key};

        my @these = $key =~ /^\$(?:and|n?or)$/
            ? map { $self->condition($_, $groups, $value) } @$check : ();

        push @all,
            $key eq '$and' ? $self->all_of(@these)
            : $key eq '$or' ? $self->any_of(@these)
            : $key eq '$nor' ? $self->negated($self->any_of(@these))
            : $key eq '$not'
              ? $self->negated($self->condition($check, $groups, $value))
            : $self->leaf($value // '$http_' . name($key) =~ tr/-/_/r, $check,
                          $groups);
    }

    return $self->all_of(@all);
}


# --- features ----------------------------------------------------------------------------

# A block: variants [name, weight in hundredths].
sub experiment {
    my ($self, %x) = @_;

    my $name = 'g' . $self->{n}++;
    my $version = $x{version} // 1;

    die "hash version $version\n" if $version !~ /^[12]$/;

    $self->{arguments} .= "&$name=$x{forced}" if defined $x{forced};
    $self->{experiments} .= "recs_experiment $name { unit $x{unit}; "
        . "hash growthbook$version; salt " . quoted($x{salt}) . '; '
        . join('', map { "when $_; " } $x{unit}, @{ $x{when} // [] })
        . (defined $x{coverage} ? sprintf('coverage %.2f; ',
                                          100 * $x{coverage}) : '')
        . ($x{namespace} && "@{ $x{namespace} }[1, 2]" ne '0 1' ? sprintf('namespace %s %d %d; ',
               $x{namespace}[0], map { 1000 * $_ } @{ $x{namespace} }[1, 2])
           : '')
        . (defined $x{forced} ? 'override query; ' : '')
        . join('', map { sprintf 'variant %s %.2f; ', $_->[0], $_->[1] / 100 }
                   @{ $x{variants} }) . "}\n";

    return "\$recs_variant_$name";
}


# [lo, hi)s of names as variants, with others in the gaps.
sub ranges {
    my ($names, $ranges) = @_;

    my ($end, @variants) = (0);

    for my $i (0 .. $#$ranges) {
        my ($lo, $hi) = map { sprintf '%.0f', 10000 * $_ } @{ $ranges->[$i] };

        die "ranges that overlap\n" if $lo < $end;
        push @variants, ["gap$i", $lo - $end] if $lo > $end;
        push @variants, [$names->[$i], $hi - $lo];
        $end = $hi;
    }

    push @variants, ['gap', 10000 - $end] if $end < 10000 || @variants < 2;

    return \@variants;
}


# 1 where the attribute's hash is in the ranges.
sub bucketed {
    my ($self, $rule, $ranges, %x) = @_;

    my $variant = $self->experiment(%x,
        unit => '$http_' . name($rule->{hashAttribute} // $rule->{attribute}
                                // 'id') =~ tr/-/_/r,
        variants => ranges(['in'], $ranges));

    return $self->map_of($variant, [['in', 1]]);
}


# What must hold for a rule, but its parents.
sub required {
    my ($self, $rule, $context) = @_;

    my @all = map {
        $self->bucketed($_, $_->{ranges}, salt => $_->{seed},
                        version => $_->{hashVersion} // 2)
    } @{ $rule->{filters} // [] };

    push @all, $self->condition($rule->{condition}, $context->{savedGroups})
        if $rule->{condition};

    return @all;
}


sub forced {
    my ($self, $feature, $rule, @when) = @_;

    my $range = $rule->{range}
        // (defined $rule->{coverage} ? [0, $rule->{coverage}] : undef);

    push @when, $self->bucketed($rule, [$range],
                                salt => $rule->{seed} // $feature,
                                version => $rule->{hashVersion})
        if $range;

    return $self->map_of($self->all_of(@when),
                         [[1, '=' . text($rule->{force})]], '');
}


sub tested {
    my ($self, $feature, $rule, $context, @when) = @_;

    my $values = $rule->{variations} // $rule->{contextualVariations};
    my @names = map { "v$_" } 0 .. $#$values;
    my $key = $rule->{key} // $feature;
    my $equal = int 10000 / @names;
    my @weights = $rule->{weights} ? map { 10000 * $_ } @{ $rule->{weights} }
        : (($equal) x $#names, 10000 - $equal * $#names);
    my $bandit = $context->{contextualBandits}
        {$rule->{contextualBanditRef} // ''};

    die "a bandit's contexts\n" if @{ $bandit->{contexts} // [] };

    my $variant = $self->experiment(
        unit => '$http_' . name($rule->{hashAttribute} // 'id') =~ tr/-/_/r,
        salt => $rule->{seed} // $key, version => $rule->{hashVersion},
        when => \@when, namespace => $rule->{namespace},
        forced => $context->{forcedVariations}{$key},
        $rule->{ranges} ? (variants => ranges(\@names, $rule->{ranges}))
        : (coverage => $rule->{coverage},
           variants => [ map { [$names[$_], $weights[$_]] } 0 .. $#names ]));

    my @passing = grep { !$rule->{meta}[$_]{passthrough} } 0 .. $#names;

    return $self->map_of($variant,
        [ map { [$names[$_], '=' . text($values->[$_])] } @passing ], '');
}


# "=value", or "" where the next rule is asked.
sub rule {
    my ($self, $feature, $rule, $context) = @_;

    my (@gates, @when);

    for my $parent (@{ $rule->{parentConditions} // [] }) {
        my $holds = $self->condition($parent->{condition},
            $context->{savedGroups}, $self->feature($parent->{id}, $context));

        if ($parent->{gate}) {
            push @gates, $holds;
        } else {
            push @when, $holds;
        }
    }

    push @when, $self->required($rule, $context);

    my $value = exists $rule->{force} ? $self->forced($feature, $rule, @when)
        : $rule->{variations} || $rule->{contextualVariations}
          ? $self->tested($feature, $rule, $context, @when)
        : $self->map_of('', [], '');

    return $value if !@gates;
    return $self->map_of($self->all_of(@gates) . $value,
                         [['~^0', '='], ['~^1(.*)$', '$1']], '');
}


sub feature {
    my ($self, $name, $context) = @_;

    my $feature = $context->{features}{$name};

    die "a cycle of features\n" if $context->{asking}{$name};
    local $context->{asking}{$name} = 1;

    my @rules = map { $self->rule($name, $_, $context) }
                @{ $feature->{rules} // [] };

    return $self->map_of(join('', @rules)
                         . '=' . text($feature->{defaultValue}),
                         [['~^=([^=]*)', '$1']], '');
}


1;
