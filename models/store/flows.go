package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"waihu/models"
)

type flowRow struct {
	ID, OrganizationID int64
	Name               string
	Nodes              text[[]models.FlowNode]
	Version            int64
	CreatedAt          stamp
}

func (flowRow) TableName() string      { return "ivr_flows" }
func (flowRow) what() (string, string) { return "flow", "流程" }
func (r flowRow) model() models.IVRFlow {
	return models.IVRFlow{ID: r.ID, OrganizationID: r.OrganizationID, Name: r.Name, Nodes: r.Nodes.v, Version: r.Version, CreatedAt: r.CreatedAt.t}
}

func rowOfFlow(f models.IVRFlow) *flowRow {
	return &flowRow{ID: f.ID, OrganizationID: f.OrganizationID, Name: f.Name, Nodes: text[[]models.FlowNode]{f.Nodes}, Version: f.Version, CreatedAt: at(f.CreatedAt)}
}

// CreateFlow saves f and fills in its ID, its Version and, when zero, CreatedAt. Names are unique in an organization.
func (s *Store) CreateFlow(ctx context.Context, f *models.IVRFlow) error {
	if f.CreatedAt.IsZero() {
		f.CreatedAt = s.clk.Now().UTC()
	}
	r := rowOfFlow(*f)
	r.Version = 1
	err := s.write(ctx, "create flow", func(tx *gorm.DB) error {
		r.ID = 0
		if err := tx.Create(r).Error; err != nil {
			return err
		}
		return s.refer(tx, "flow", r.ID, flowNames(*f))
	})
	if err != nil {
		return taken(err, "name", "flow", "流程名称")
	}
	f.ID, f.Version = r.ID, r.Version
	return nil
}

// Flow reads one flow.
func (s *Store) Flow(ctx context.Context, id int64) (models.IVRFlow, error) {
	return first[models.IVRFlow, flowRow](ctx, s, id, "id = ?", id)
}

// Flows lists an organization's flows by id; for organization 0 those of all.
func (s *Store) Flows(ctx context.Context, org int64) ([]models.IVRFlow, error) {
	return list[models.IVRFlow, flowRow](ctx, s, "organization_id = ? OR ? = 0", org, org)
}

// UpdateFlow writes name and nodes of a flow whose version is still f.Version, and raises f.Version.
func (s *Store) UpdateFlow(ctx context.Context, f *models.IVRFlow) error {
	r := rowOfFlow(*f)
	r.Version++
	err := s.write(ctx, fmt.Sprintf("update flow %d", f.ID), func(tx *gorm.DB) error {
		if err := versioned[models.IVRFlow](tx, r, f.ID, f.Version, "name", "nodes", "version"); err != nil {
			return err
		}
		return s.refer(tx, "flow", f.ID, flowNames(*f))
	})
	if err == nil {
		f.Version = r.Version
	}
	return taken(err, "name", "flow", "流程名称")
}

// DeleteFlow removes a flow that no route and no other flow leads to.
func (s *Store) DeleteFlow(ctx context.Context, id int64) error {
	return s.write(ctx, fmt.Sprintf("delete flow %d", id), func(tx *gorm.DB) error {
		if err := usedByFlow(tx, "flow", "流程", "flow", id); err != nil {
			return err
		}
		if err := s.refer(tx, "flow", id, nil); err != nil {
			return err
		}
		return gone[models.IVRFlow](tx, &flowRow{}, id)
	})
}

type routeRow struct {
	ID, OrganizationID int64
	Name, Number       string
	Target, Closed     text[models.RouteTarget]
	Zone               string
	Windows            text[[]models.Window]
	Holidays           text[[]string]
	Disabled           bool
	Version            int64
	CreatedAt          stamp
}

func (routeRow) TableName() string      { return "inbound_routes" }
func (routeRow) what() (string, string) { return "inbound route", "呼入路由" }
func (r routeRow) model() models.InboundRoute {
	return models.InboundRoute{ID: r.ID, OrganizationID: r.OrganizationID, Name: r.Name, Number: r.Number, Target: r.Target.v, Closed: r.Closed.v, Zone: r.Zone,
		Windows: r.Windows.v, Holidays: r.Holidays.v, Disabled: r.Disabled, Version: r.Version, CreatedAt: r.CreatedAt.t}
}

func rowOfRoute(v models.InboundRoute) *routeRow {
	return &routeRow{ID: v.ID, OrganizationID: v.OrganizationID, Name: v.Name, Number: v.Number, Target: text[models.RouteTarget]{v.Target},
		Closed: text[models.RouteTarget]{v.Closed}, Zone: v.Zone, Windows: text[[]models.Window]{v.Windows}, Holidays: text[[]string]{v.Holidays},
		Disabled: v.Disabled, Version: v.Version, CreatedAt: at(v.CreatedAt)}
}

// CreateInboundRoute saves v and fills in its ID, its Version and, when zero, CreatedAt. Called numbers are unique.
func (s *Store) CreateInboundRoute(ctx context.Context, v *models.InboundRoute) error {
	if v.CreatedAt.IsZero() {
		v.CreatedAt = s.clk.Now().UTC()
	}
	r := rowOfRoute(*v)
	r.Version = 1
	err := s.write(ctx, "create inbound route", func(tx *gorm.DB) error {
		r.ID = 0
		if err := tx.Create(r).Error; err != nil {
			return err
		}
		return s.refer(tx, "route", r.ID, routeNames(*v))
	})
	if err != nil {
		return taken(err, "number", "inbound route", "被叫号码")
	}
	v.ID, v.Version = r.ID, r.Version
	return nil
}

// InboundRoute reads one route.
func (s *Store) InboundRoute(ctx context.Context, id int64) (models.InboundRoute, error) {
	return first[models.InboundRoute, routeRow](ctx, s, id, "id = ?", id)
}

// InboundRoutes lists an organization's routes by id; for organization 0 those of all.
func (s *Store) InboundRoutes(ctx context.Context, org int64) ([]models.InboundRoute, error) {
	return list[models.InboundRoute, routeRow](ctx, s, "organization_id = ? OR ? = 0", org, org)
}

// RouteOwner is the organization whose inbound route a number is, as the trunk delivers it; 0 = there is no such route. That
// of a disabled route is told too: the caller meant that organization.
func (s *Store) RouteOwner(ctx context.Context, number string) (int64, error) {
	var orgs []int64
	err := s.r.WithContext(ctx).Raw("SELECT organization_id FROM inbound_routes WHERE number = ?", number).Find(&orgs).Error
	if err != nil || len(orgs) == 0 {
		return 0, wrap("find the owner of an inbound route", err)
	}
	return orgs[0], nil
}

// UpdateInboundRoute writes a route whose version is still v.Version, and raises v.Version.
func (s *Store) UpdateInboundRoute(ctx context.Context, v *models.InboundRoute) error {
	r := rowOfRoute(*v)
	r.Version++
	err := s.write(ctx, fmt.Sprintf("update inbound route %d", v.ID), func(tx *gorm.DB) error {
		if err := versioned[models.InboundRoute](tx, r, v.ID, v.Version, "name", "number", "target", "closed", "zone", "windows", "holidays", "disabled", "version"); err != nil {
			return err
		}
		return s.refer(tx, "route", v.ID, routeNames(*v))
	})
	if err == nil {
		v.Version = r.Version
	}
	return taken(err, "number", "inbound route", "被叫号码")
}

// DeleteInboundRoute removes a route.
func (s *Store) DeleteInboundRoute(ctx context.Context, id int64) error {
	return s.write(ctx, fmt.Sprintf("delete inbound route %d", id), func(tx *gorm.DB) error {
		if err := s.refer(tx, "route", id, nil); err != nil {
			return err
		}
		return gone[models.InboundRoute](tx, &routeRow{}, id)
	})
}

// reference is something that a flow or route names.
type reference struct {
	Owner    string
	OwnerID  int64
	Kind     string // voice_file, queue, trunk, flow
	TargetID int64
}

func (reference) TableName() string { return "flow_references" }

func flowNames(f models.IVRFlow) []reference {
	var refs []reference
	for _, n := range f.Nodes {
		refs = append(refs, reference{Kind: "voice_file", TargetID: n.VoiceFileID}, reference{Kind: "voice_file", TargetID: n.InvalidVoiceFileID},
			reference{Kind: "queue", TargetID: n.QueueID}, reference{Kind: "trunk", TargetID: n.TrunkID})
		if n.To == models.FlowToFlow && n.TargetID != f.ID {
			refs = append(refs, reference{Kind: "flow", TargetID: n.TargetID})
		}
	}
	return refs
}

func routeNames(v models.InboundRoute) []reference {
	var refs []reference
	for _, t := range []models.RouteTarget{v.Target, v.Closed} {
		refs = append(refs, reference{Kind: "flow", TargetID: t.FlowID}, reference{Kind: "queue", TargetID: t.QueueID}, reference{Kind: "voice_file", TargetID: t.VoiceFileID})
	}
	return refs
}

// refer replaces what an owner names.
func (s *Store) refer(tx *gorm.DB, owner string, id int64, refs []reference) error {
	if err := tx.Exec("DELETE FROM flow_references WHERE owner = ? AND owner_id = ?", owner, id).Error; err != nil {
		return fmt.Errorf("forget what %s %d names: %w", owner, id, err)
	}
	var rows []reference
	for _, r := range refs {
		r.Owner, r.OwnerID = owner, id
		if r.TargetID != 0 && !slices.Contains(rows, r) {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.Create(rows).Error; err != nil {
		return fmt.Errorf("note what %s %d names: %w", owner, id, err)
	}
	return nil
}

// usedByFlow is a conflict that names the flows and routes that refer to something.
func usedByFlow(tx *gorm.DB, en, zh, kind string, id int64) error {
	who, err := names(tx.Raw("SELECT f.name FROM ivr_flows f JOIN flow_references r ON r.owner = 'flow' AND r.owner_id = f.id WHERE r.kind = ? AND r.target_id = ? "+
		"UNION ALL SELECT v.name FROM inbound_routes v JOIN flow_references r ON r.owner = 'route' AND r.owner_id = v.id WHERE r.kind = ? AND r.target_id = ?",
		kind, id, kind, id))
	if err != nil || who == "" {
		return err
	}
	return models.NewError(models.Conflict, "id", "in_use",
		fmt.Sprintf("The %s %d is used by the flows or inbound routes %s; change them first.", en, id, who),
		fmt.Sprintf("%s %d 正被语音流程或呼入路由 %s 使用，请先修改。", zh, id, who))
}

type flowStepRow struct {
	ID                int64
	CallID            string
	At                stamp
	FlowID            int64
	Node, Step, Value string
}

func (flowStepRow) TableName() string { return "flow_steps" }

// SaveFlowSteps notes steps that calls took in flows, in the order in which they were told.
func (s *Store) SaveFlowSteps(ctx context.Context, steps []models.FlowStep) error {
	return s.write(ctx, fmt.Sprintf("save %d steps of flows", len(steps)), func(tx *gorm.DB) error {
		rows := make([]flowStepRow, 0, len(steps))
		for _, v := range steps {
			rows = append(rows, flowStepRow{CallID: v.CallID, At: at(v.At), FlowID: v.FlowID, Node: clip(v.Node, 16), Step: clip(v.Step, 32), Value: clip(v.Value, 64)})
		}
		return tx.Create(rows).Error
	})
}

// FlowSteps lists the steps of a call in the order in which it took them.
func (s *Store) FlowSteps(ctx context.Context, callID string) ([]models.FlowStep, error) {
	var rows []flowStepRow
	if err := s.r.WithContext(ctx).Where("call_id = ?", callID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the steps of call %s: %w", callID, err)
	}
	out := make([]models.FlowStep, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.FlowStep{CallID: r.CallID, At: r.At.t, FlowID: r.FlowID, Node: r.Node, Step: r.Step, Value: r.Value})
	}
	return out, nil
}
